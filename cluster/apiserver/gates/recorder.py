"""Remembers a server's requests: cheap while it is told of them, worked out when somebody reads or saves them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cluster.apiserver.exchange import Exchange
from cluster.apiserver.gates.record import Entry, body_of, entry_of
from cluster.apiserver.gates.rings import COMPONENTS, KEPT, PEOPLE, REFUSED, is_component, ring_of
from cluster.apiserver.request import Request

ALL = (PEOPLE, REFUSED, COMPONENTS)
# What so many component requests of one virtual second change is noted: a rush is forgotten faster than it is read.
CURIOSITY = 160
NEWS = 20  # refusals remembered for whoever points at them
Explain = Callable[[Request], dict[str, Any] | None]


class Archive(Protocol):
    """Where entries are kept once they are saved."""

    def after(self, serial: int) -> Sequence[Entry]:
        """Return the entries with greater serials, in order."""
        ...

    def entry(self, serial: int) -> Entry | None: ...


@dataclass(frozen=True, slots=True)
class _Seen:
    serial: int
    exchange: Exchange
    body: bytes
    explanation: dict[str, Any] | None


def _unexplained(request: Request) -> None:
    """Default of `explain`."""


class Recorder:
    """A witness. `via` says how in-process people come: terminal or page; `explain` is asked about denials.

    `serial` is the number of the last request; requests of one lab are numbered from 1.
    """

    def __init__(self, via: str, explain: Explain = _unexplained):
        self.serial = 0
        self.archive: Archive | None = None
        self.refusals: deque[tuple[int, Exchange]] = deque(maxlen=NEWS)
        self._via = via
        self._explain = explain
        self._waiting: dict[str, deque[_Seen]] = {ring: deque(maxlen=KEPT[ring]) for ring in ALL}
        self._second, self._curiosity = 0, CURIOSITY

    def wants_changes(self, request: Request) -> bool:
        """Say whether what the stages change is to be noted: always of people, of components while they are few."""
        if not is_component(request):
            return True
        self._curiosity -= 1
        return self._curiosity >= 0

    def saw(self, exchange: Exchange) -> None:
        if int(exchange.ended) != self._second:
            self._second, self._curiosity = int(exchange.ended), CURIOSITY
        ring = ring_of(exchange)
        if not ring:
            return
        self.serial += 1
        body, explanation = b"", None
        if ring == REFUSED:
            # Told now: roles may change, and a body is its sender's own to change again.
            body = body_of(exchange.request)
            explanation = self._explain(exchange.request) if denied_by_authorisers(exchange) else None
            self.refusals.append((self.serial, exchange))
        self._waiting[ring].append(_Seen(self.serial, exchange, body, explanation))

    def waits(self, rings: Iterable[str] = ALL) -> bool:
        return any(self._waiting[ring] for ring in rings)

    def drain(self, rings: Iterable[str] = ALL) -> list[Entry]:
        """Return what is not saved yet, in order, and forget it; another thread may be telling meanwhile."""
        found = [self._entry(ring, seen) for ring in rings for seen in _taken(self._waiting[ring])]
        return sorted(found, key=lambda one: one.serial)

    def after(self, serial: int) -> list[Entry]:
        """Return the entries with greater serials, saved or not, in order."""
        kept = list(self.archive.after(serial)) if self.archive is not None else []
        kept += self._worked_out(ALL, serial)
        return sorted(kept, key=lambda one: one.serial)

    def entry(self, serial: int) -> Entry | None:
        """Return one request by its number; None when it is forgotten or never was."""
        for ring, waiting in self._waiting.items():
            for seen in waiting:
                if seen.serial == serial:
                    return self._entry(ring, seen)
        return self.archive.entry(serial) if self.archive is not None else None

    def _worked_out(self, rings: Iterable[str], after: int = 0) -> list[Entry]:
        found = [self._entry(ring, seen) for ring in rings for seen in self._waiting[ring] if seen.serial > after]
        return sorted(found, key=lambda one: one.serial)

    def _entry(self, ring: str, seen: _Seen) -> Entry:
        return entry_of(seen.exchange, seen.serial, ring, self._via, seen.body, seen.explanation)


def _taken(waiting: deque[_Seen]) -> Iterator[_Seen]:
    while True:
        try:
            yield waiting.popleft()
        except IndexError:
            return


def denied_by_authorisers(exchange: Exchange) -> bool:
    verdicts = exchange.request.verdicts
    return exchange.code == 403 and bool(verdicts) and verdicts[-1].stage == "authz"
