"""client-go's work queue on the virtual clock: deduplicated keys, delays, exponential back-off.

https://pkg.go.dev/k8s.io/client-go/util/workqueue. One worker takes from it, so nothing is ever
"processing"; order is first in, first out, and due time for delayed keys.
"""

from __future__ import annotations

import heapq

from cluster.machinery.clock import Clock

BASE_DELAY = 0.005
MAX_DELAY = 1000.0


class WorkQueue:
    """Keys that wait for their turn now, or for a later moment."""

    def __init__(self, clock: Clock):
        self._clock = clock
        self.clear()

    def clear(self) -> None:
        self._ready: dict[str, None] = {}
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._sequence = 0
        self._failures: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ready) + len(self._due)

    def add(self, key: str) -> None:
        self._ready.setdefault(key)

    def add_after(self, key: str, delay: float) -> None:
        """Queue the key after `delay`; of two delays of one key the earlier counts."""
        if delay <= 0:
            self.add(key)
            return
        due = self._clock.now() + delay
        known = self._due.get(key)
        if known is not None and known <= due:
            return
        self._due[key] = due
        self._sequence += 1
        heapq.heappush(self._heap, (due, self._sequence, key))

    def add_rate_limited(self, key: str) -> None:
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(BASE_DELAY * 2.0 ** min(failures, 32), MAX_DELAY))

    def forget(self, key: str) -> None:
        """The key succeeded: its next failure starts with the shortest delay again."""
        self._failures.pop(key, None)

    def pop(self) -> str | None:
        """Take the next key that is due."""
        self._ripen()
        if not self._ready:
            return None
        key = next(iter(self._ready))
        del self._ready[key]
        return key

    def next_due(self) -> float | None:
        if self._ready:
            return self._clock.now()
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def _ripen(self) -> None:
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            due, _, key = heapq.heappop(self._heap)
            if self._due.get(key) == due:
                del self._due[key]
                self._ready.setdefault(key)

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
