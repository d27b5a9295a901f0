"""Tables as the server computes them: the columns and cells of a kind, or of a custom resource.

A real kubectl asks for `as=Table`; the simulated server is in the same process, so the same declaration
(`Kind.columns`, `Kind.row`) is asked directly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.machinery import goduration
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, meta, name

# Tables that the server sorts by something other than the name.
SORTED: Mapping[str, Callable[[Object], Any]] = {
    "flowschemas.flowcontrol.apiserver.k8s.io": lambda obj: (obj["spec"].get("matchingPrecedence", 0), name(obj)),
}
FALLBACK = (Column("Name", format="name"), Column("Age"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table that are shown, as positions in the row."""

    headers: tuple[str, ...]
    positions: tuple[int, ...]


def in_order(kind: Kind, objects: Sequence[Object]) -> Sequence[Object]:
    """Return the objects as the server's table has them."""
    key = SORTED.get(kind.resource)
    return sorted(objects, key=key) if key else objects


def shape(kind: Kind, wide: bool) -> Shape:
    columns = kind.columns if kind.row and kind.columns else FALLBACK
    shown = [(column, index) for index, column in enumerate(columns) if wide or column.priority == 0]
    return Shape(tuple(column.name.upper() for column, _ in shown), tuple(index for _, index in shown))


def cells(kind: Kind, obj: Object, now: float) -> Sequence[Any]:
    """Return all cells of one object, wide ones included."""
    if kind.row and kind.columns:
        return kind.row(obj, now)
    return (name(obj), age(obj, now))


def age(obj: Object, now: float) -> str:
    created = meta(obj).get("creationTimestamp")
    return goduration.human(now - parse_timestamp(created)) if created else "<unknown>"


def show(value: Any) -> str:
    """Print one cell; several lines are cut to the first, as the human printer does."""
    if value is None:
        return "<none>"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if "\n" in text or "\r" in text or "\f" in text:
        first = min(position for position in map(text.find, "\f\n\r") if position >= 0)
        return text[:first] + "..."
    return text
