"""The scheduling queue: pods to try, pods backing off, pods that wait for the cluster to change.

Follows pkg/scheduler/backend/queue. As since 1.33, an idle scheduler takes pods from the back-off
queue early, so back-off only orders pods while others wait.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from cluster.machinery.clock import Clock
from cluster.scheduler.podinfo import PodInfo

INITIAL_BACKOFF = 1.0
MAX_BACKOFF = 10.0
LEFTOVER = 300.0


@dataclass(slots=True)
class Entry:
    """A waiting pod and its history."""

    info: PodInfo
    number: int
    attempts: int = 0
    failed_at: float = 0.0
    plugins: frozenset[str] = frozenset()
    events: frozenset[str] = field(default_factory=frozenset)  # what it waits for
    parked: bool = False  # in the unschedulable map

    def order(self) -> tuple[int, int]:
        return (-self.info.priority, self.number)

    def backoff_ends(self) -> float:
        if self.attempts == 0:
            return 0.0
        return self.failed_at + min(INITIAL_BACKOFF * 2.0 ** (self.attempts - 1), MAX_BACKOFF)


class SchedulingQueue:
    """Entries by pod uid; two heaps of those that may be tried."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._active: list[tuple[tuple[int, int], str]] = []
        self._backoff: list[tuple[float, tuple[int, int], str]] = []
        self._parked: dict[str, None] = {}
        self._number = 0

    def __contains__(self, uid: str) -> bool:
        return uid in self._entries

    def add(self, info: PodInfo) -> None:
        """Queue a new pod, or one that changed, to be tried now."""
        entry = self._entries.get(info.uid)
        if entry is None:
            self._number += 1
            entry = self._entries[info.uid] = Entry(info, self._number)
            self._activate(entry)
            return
        entry.info = info
        if entry.parked:
            self._retry(entry)

    def refresh(self, info: PodInfo) -> None:
        """Take over the pod's newest state without trying it again for that."""
        entry = self._entries.get(info.uid)
        if entry is not None:
            entry.info = info

    def drop(self, uid: str) -> None:
        self._entries.pop(uid, None)
        self._parked.pop(uid, None)

    def park(self, entry: Entry, plugins: frozenset[str], events: frozenset[str]) -> None:
        """The pod fits nowhere: let it wait for one of `events`."""
        entry.attempts += 1
        entry.failed_at = self._clock.now()
        entry.plugins, entry.events, entry.parked = plugins, events, True
        self._entries[entry.info.uid] = entry
        self._parked[entry.info.uid] = None

    def happened(self, event: str) -> None:
        """Something changed: let the pods that waited for it try again."""
        for uid in [each for each in self._parked if event in self._entries[each].events]:
            self._retry(self._entries[uid])

    def _retry(self, entry: Entry) -> None:
        self._parked.pop(entry.info.uid, None)
        entry.parked = False
        ends = entry.backoff_ends()
        if ends > self._clock.now():
            heapq.heappush(self._backoff, (ends, entry.order(), entry.info.uid))
        else:
            self._activate(entry)

    def _activate(self, entry: Entry) -> None:
        heapq.heappush(self._active, (entry.order(), entry.info.uid))

    def pop(self) -> Entry | None:
        """Take the next pod: the most important active one, or, when idle, one that backs off."""
        self._flush()
        while self._active:
            _, uid = heapq.heappop(self._active)
            entry = self._entries.get(uid)
            if entry is not None and not entry.parked:
                del self._entries[uid]
                return entry
        while self._backoff:
            _, _, uid = heapq.heappop(self._backoff)
            entry = self._entries.get(uid)
            if entry is not None and not entry.parked:
                del self._entries[uid]
                return entry
        return None

    def _flush(self) -> None:
        now = self._clock.now()
        while self._backoff and self._backoff[0][0] <= now:
            _, order, uid = heapq.heappop(self._backoff)
            if uid in self._entries:
                heapq.heappush(self._active, (order, uid))
        for uid in [each for each in self._parked if now - self._entries[each].failed_at >= LEFTOVER]:
            self._retry(self._entries[uid])

    def next_due(self) -> float | None:
        if any(uid in self._entries for _, uid in self._active) or any(
            uid in self._entries for *_, uid in self._backoff
        ):
            return self._clock.now()
        return min((self._entries[uid].failed_at + LEFTOVER for uid in self._parked), default=None)
