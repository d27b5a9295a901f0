"""What was run in a lab's terminals: each line with its exit code and the beginning of its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cluster.store.interface import StateBook

KEY = "terminal/journal"
KEPT = 200
HEARD = 20_000  # bytes of output kept of one command


@dataclass(frozen=True, slots=True)
class Command:
    """One line that has ended. `number` counts all lines of the lab from 1."""

    number: int
    line: str
    code: int
    output: str
    time: float


def note(state: StateBook, line: str, code: int, output: bytes, time: float) -> None:
    """Write one line down."""
    book: dict[str, Any] = state.get(KEY) or {"last": 0, "entries": []}
    number = book["last"] + 1
    entry = [number, line, code, output[:HEARD].decode("utf-8", "replace"), time]
    state.put(KEY, {"last": number, "entries": [*book["entries"][-KEPT + 1 :], entry]})


def since(state: StateBook, number: int) -> Sequence[Command]:
    """Return the lines after the `number`-th."""
    book = state.get(KEY) or {"entries": []}
    return [Command(*entry) for entry in book["entries"] if entry[0] > number]


def last(state: StateBook) -> int:
    return int((state.get(KEY) or {"last": 0})["last"])
