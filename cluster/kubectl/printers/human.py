"""The table of `kubectl get`: namespace, labels and kind prefixes around the server's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cluster.kubectl import tabwriter
from cluster.kubectl.discovery import Mapping
from cluster.kubectl.printers import server_table
from cluster.machinery.meta import Object, labels, name, namespace


@dataclass(frozen=True)
class Look:
    """What the flags add to the server's columns."""

    wide: bool = False
    with_namespace: bool = False
    with_kind: bool = False
    show_labels: bool = False
    label_columns: tuple[str, ...] = ()
    headers: bool = True
    event_column: bool = False


@dataclass
class TablePrinter:
    """Prints objects of one kind; remembers widths from one flush to the next, for watches."""

    mapping: Mapping
    look: Look
    now: float
    widths: list[int] = field(default_factory=list)
    headed: bool = False

    def header(self) -> list[str]:
        look = self.look
        found = [*server_table.shape(self.mapping.kind, look.wide).headers]
        found += [column.rpartition("/")[2].upper() for column in look.label_columns]
        if look.show_labels:
            found.append("LABELS")
        if look.with_namespace:
            found.insert(0, "NAMESPACE")
        if look.event_column:
            found.insert(0, "EVENT")
        return found

    def row(self, obj: Object, event: str = "") -> list[str]:
        look, kind = self.look, self.mapping.kind
        cells = server_table.cells(kind, obj, self.now)
        found = [server_table.show(cells[index]) for index in server_table.shape(kind, look.wide).positions
                 if index < len(cells)]
        if look.with_kind and found:
            found[0] = f"{self.mapping.prefix}/{found[0]}"
        given = labels(obj)
        found += [given.get(column, "") for column in look.label_columns]
        if look.show_labels:
            found.append(show_labels(given))
        if look.with_namespace:
            found.insert(0, namespace(obj))
        if look.event_column:
            found.insert(0, event.ljust(8))
        return found

    def render(self, objects: Sequence[Object], events: Sequence[str] = ()) -> str:
        """Return the lines of these objects, with headers the first time."""
        rows = [self.row(obj, event) for obj, event in zip(objects, events or [""] * len(objects), strict=True)]
        if self.look.headers and not self.headed:
            rows.insert(0, self.header())
            self.headed = True
        if not rows:
            return ""
        self.widths = tabwriter.column_widths(rows, self.widths)
        return "".join(tabwriter.fixed_row(row, self.widths) for row in rows)


def show_labels(given: dict[str, str]) -> str:
    return ",".join(f"{key}={given[key]}" for key in sorted(given)) if given else "<none>"


def key_of(obj: Object) -> str:
    return f"{namespace(obj)}/{name(obj)}"
