"""The paper describers write on: levels of indentation, tab-separated cells, aligned at each flush."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from cluster.kubectl import tabwriter
from cluster.kubectl.lastapplied import ANNOTATION
from cluster.machinery import goduration, quantity
from cluster.machinery.clock import parse_timestamp

MAX_ANNOTATION = 140


class Page:
    """Text under way. `now` is the lab's moment, for ages."""

    def __init__(self, now: float):
        self.now = now
        self._done: list[str] = []
        self._lines: list[str] = []

    def line(self, text: str = "", level: int = 0) -> None:
        self._lines.append("  " * level + text)

    def flush(self) -> None:
        """Align what stands there by itself."""
        if self._lines:
            self._done.append(tabwriter.align("\n".join(self._lines)) + "\n")
        self._lines = []

    def raw(self) -> str:
        """Return what was written, its tabs as they are."""
        return "".join(f"{line}\n" for line in self._lines)

    def text(self) -> str:
        self.flush()
        return "".join(self._done)

    # pieces that many describers share

    def pairs(self, title: str, given: Mapping[str, str] | None, skip: Iterable[str] = ()) -> None:
        """Write a map as `key=value` lines, `<none>` when there are none."""
        shown = [f"{key}={value}" for key, value in sorted((given or {}).items()) if key not in set(skip)]
        self.column(title, shown)

    def column(self, title: str, values: list[str]) -> None:
        """Write values below one another in the second column."""
        self.line(f"{title}:\t{values[0] if values else '<none>'}")
        for value in values[1:]:
            self.line(f"\t{value}")

    def annotations(self, title: str, given: Mapping[str, str] | None) -> None:
        kept = {key: value for key, value in (given or {}).items() if key != ANNOTATION}
        if not kept:
            self.line(f"{title}:\t<none>")
            return
        lead = f"{title}:\t"
        for key in sorted(kept):
            value = kept[key].removesuffix("\n")
            if len(value) + len(key) + 2 > MAX_ANNOTATION or "\n" in value:
                self.line(f"{lead}{key}:")
                for part in value.split("\n"):
                    self.line(f"\t  {shorten(part, MAX_ANNOTATION - 2)}")
            else:
                self.line(f"{lead}{key}: {value}")
            lead = "\t"

    def head(self, obj: Mapping[str, Any], *, namespaced: bool = True) -> None:
        """Write Name and Namespace."""
        self.line(f"Name:\t{obj['metadata'].get('name', '')}")
        if namespaced:
            self.line(f"Namespace:\t{obj['metadata'].get('namespace', '')}")

    def marks(self, obj: Mapping[str, Any]) -> None:
        """Write Labels and Annotations."""
        self.pairs("Labels", obj["metadata"].get("labels"))
        self.annotations("Annotations", obj["metadata"].get("annotations"))

    def since(self, moment: str | None) -> str:
        return goduration.human(self.now - parse_timestamp(moment)) if moment else "<unknown>"


def shorten(text: str, limit: int) -> str:
    return text[:limit] + "..." if len(text) > limit else text


def date(moment: str | None) -> str:
    """Return RFC 1123 with a numeric zone."""
    if not moment:
        return "<unset>"
    when = datetime.fromtimestamp(parse_timestamp(moment), timezone.utc)
    return when.strftime("%a, %d %b %Y %H:%M:%S +0000")


def selector(given: Mapping[str, Any] | None) -> str:
    """Return a LabelSelector as FormatLabelSelector does."""
    if given is None:
        return "<none>"
    parts = [f"{key}={value}" for key, value in sorted((given.get("matchLabels") or {}).items())]
    for term in sorted(given.get("matchExpressions") or (), key=lambda one: str(one["key"])):
        values = ",".join(sorted(term.get("values") or ()))
        parts.append({"In": f"{term['key']} in ({values})", "NotIn": f"{term['key']} notin ({values})",
                      "Exists": term["key"], "DoesNotExist": f"!{term['key']}"}[term["operator"]])
    return ",".join(parts) or "<none>"


def plain_selector(given: Mapping[str, str] | None) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted((given or {}).items())) or "<none>"


def amount(value: Any) -> str:
    """Return a quantity in its canonical form; what is none stays as it is."""
    try:
        return quantity.canonical(value)
    except ValueError:
        return str(value)


def flag(value: Any) -> str:
    return "True" if value else "False"


def lower(value: Any) -> str:
    return "true" if value else "false"
