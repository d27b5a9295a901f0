"""The seats and queues of priority levels: who may begin, who waits, who is told to come again.

A level has seats by its share of all. Who finds none waits in one of a hand of queues that its flow
is dealt (shuffle sharding), or is refused; freed seats go to the queues in turn. Left out: borrowing
seats of idle levels, requests of several seats, and the virtual clock that weighs long requests.
https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any

from cluster.apiserver.flowcontrol.classify import Flow
from cluster.machinery.meta import Object

WAIT_LIMIT = 15.0  # seconds in a queue; a quarter of the usual request timeout


class Outcome(Enum):
    """What became of a request at its level."""

    RUN = "run"
    WAIT = "wait"
    REFUSE = "refuse"


class Level:
    """One priority level's seats, and the requests that wait for them. Tickets are the caller's, any hashable."""

    def __init__(self, spec: Mapping[str, Any], seats: int):
        limited = spec.get("limited") or {}
        queuing = (limited.get("limitResponse") or {}).get("queuing")
        self.exempt = spec.get("type") == "Exempt"
        self.seats = seats
        self.running = self.dispatched = self.refused = self.timed_out = 0
        self._length = int((queuing or {}).get("queueLengthLimit", 50))
        self._hand = int((queuing or {}).get("handSize", 8))
        self._queues: list[deque[Hashable]] = (
            [deque() for _ in range(int(queuing.get("queues", 64)))] if queuing else []
        )
        self._where: dict[Hashable, deque[Hashable]] = {}
        self._next = 0

    @property
    def waiting(self) -> int:
        return len(self._where)

    @property
    def active_queues(self) -> int:
        return sum(bool(queue) for queue in self._queues)

    def ask(self, flow: Flow, ticket: Hashable) -> Outcome:
        """Return whether a request begins at once, waits, or is refused."""
        if self.exempt or (self.running < self.seats and not self._where):
            self.running += 1
            self.dispatched += 1
            return Outcome.RUN
        queue = min(self._dealt(flow), key=len, default=None)
        if queue is None or len(queue) >= self._length:
            self.refused += 1
            return Outcome.REFUSE
        queue.append(ticket)
        self._where[ticket] = queue
        return Outcome.WAIT

    def _dealt(self, flow: Flow) -> list[deque[Hashable]]:
        """Return the queues of a flow's hand: the same each time, and seldom all the same as another's."""
        if not self._queues:
            return []
        value = int.from_bytes(hashlib.sha256(f"{flow.schema}\n{flow.distinguisher}".encode()).digest()[:16])
        left, hand = list(range(len(self._queues))), []
        for _ in range(min(self._hand, len(left))):
            value, card = divmod(value, len(left))
            hand.append(self._queues[left.pop(card)])
        return hand

    def done(self) -> Hashable | None:
        """Give a seat back; return the ticket of who begins now, if somebody waits and there is a seat."""
        self.running -= 1
        return self._begin() if self.running < self.seats else None

    def _begin(self) -> Hashable | None:
        count = len(self._queues)
        for step in range(count):
            place = (self._next + step) % count
            if self._queues[place]:
                self._next = place + 1
                ticket = self._queues[place].popleft()
                del self._where[ticket]
                self.running += 1
                self.dispatched += 1
                return ticket
        return None

    def leave(self, ticket: Hashable) -> bool:
        """Give up waiting; False when the request has begun meanwhile."""
        queue = self._where.pop(ticket, None)
        if queue is None:
            return False
        queue.remove(ticket)
        self.timed_out += 1
        return True


def shares(levels: Mapping[str, Object], total: int) -> dict[str, int]:
    """Return the seats of each level out of `total`, by nominal shares, rounded up."""
    nominal = {name: _share(level["spec"]) for name, level in levels.items()}
    whole = sum(nominal.values()) or 1
    return {name: -(-total * share // whole) for name, share in nominal.items()}


def _share(spec: Mapping[str, Any]) -> int:
    part, default = (spec.get("exempt") or {}, 0) if spec.get("type") == "Exempt" else (spec.get("limited") or {}, 30)
    found = part.get("nominalConcurrencyShares")
    return default if found is None else int(found)
