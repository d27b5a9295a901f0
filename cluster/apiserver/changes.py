"""What a stage has changed in a draft, held as two texts and worked out when somebody asks.

Comparing texts is what a hot path can afford; the operations are RFC 6902's add, remove and replace, each
with the value that was there before. Field managers are left out: they follow every change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.machinery.meta import Object

_NOISE = ("/metadata/managedFields",)
Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One stage's work on a draft: JSON before and after."""

    before: bytes
    after: bytes

    def operations(self) -> list[Operation]:
        """Return what turns the one into the other: `op`, `path`, `value`, and `was` where something was."""
        found = _between(orjson.loads(self.before), orjson.loads(self.after), "")
        return [one for one in found if not one["path"].startswith(_NOISE)]


def text_of(draft: Object) -> bytes:
    return orjson.dumps(draft)


def _between(before: Any, after: Any, path: str) -> Iterator[Operation]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _maps(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    else:
        yield {"op": "replace", "path": path, "value": after, "was": before}


def _maps(before: dict[str, Any], after: dict[str, Any], path: str) -> Iterator[Operation]:
    for key, value in before.items():
        where = f"{path}/{_escaped(key)}"
        if key in after:
            yield from _between(value, after[key], where)
        else:
            yield {"op": "remove", "path": where, "was": value}
    for key, value in after.items():
        if key not in before:
            yield {"op": "add", "path": f"{path}/{_escaped(key)}", "value": value}


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[Operation]:
    """Compare item by item: plugins append, and where they insert the rest is told as changed."""
    for index, (old, new) in enumerate(zip(before, after, strict=False)):
        yield from _between(old, new, f"{path}/{index}")
    for index, old in enumerate(before[len(after) :], len(after)):
        yield {"op": "remove", "path": f"{path}/{index}", "was": old}
    for index, new in enumerate(after[len(before) :], len(before)):
        yield {"op": "add", "path": f"{path}/{index}", "value": new}


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
