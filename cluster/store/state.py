"""The state book in memory: component data that is no API object, with what has changed since the last save."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StateChanges:
    """What a batch commit has to save and delete."""

    saved: Mapping[str, Any]
    dropped: Sequence[str]


class MemoryState:
    """A state book that knows which keys are dirty."""

    def __init__(self, entries: Mapping[str, Any] | None = None) -> None:
        self._entries: dict[str, Any] = {}
        self._order: list[str] = []
        self._dirty: dict[str, None] = {}
        self.load(entries or {})

    def get(self, key: str) -> Any | None:
        return self._entries.get(key)

    def put(self, key: str, value: Any) -> None:
        if key not in self._entries:
            insort(self._order, key)
        self._entries[key] = value
        self._dirty[key] = None

    def drop(self, key: str) -> None:
        if key in self._entries:
            del self._entries[key]
            del self._order[bisect_left(self._order, key)]
            self._dirty[key] = None

    def keys(self, prefix: str) -> Sequence[str]:
        order = self._order
        start = end = bisect_left(order, prefix)
        while end < len(order) and order[end].startswith(prefix):
            end += 1
        return order[start:end]

    def load(self, entries: Mapping[str, Any]) -> None:
        """Begin from entries saved elsewhere."""
        self._entries = dict(entries)
        self._order = sorted(self._entries)
        self._dirty = {}

    def absorb(self, changes: StateChanges) -> None:
        """Follow changes saved elsewhere."""
        for key, value in changes.saved.items():
            self.put(key, value)
        for key in changes.dropped:
            self.drop(key)
        for key in (*changes.saved, *changes.dropped):
            self._dirty.pop(key, None)

    def drain(self) -> StateChanges:
        """Return what has changed since the last drain."""
        dirty, self._dirty = self._dirty, {}
        saved = {key: self._entries[key] for key in dirty if key in self._entries}
        return StateChanges(saved, [key for key in dirty if key not in self._entries])
