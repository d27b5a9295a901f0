"""`status.conditions`: finding one, and replacing one without touching the list that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Condition = dict[str, Any]


def find(conditions: Sequence[Condition] | None, kind: str) -> Condition | None:
    for condition in conditions or ():
        if condition["type"] == kind:
            return condition
    return None


def of(obj: dict[str, Any], kind: str) -> Condition | None:
    return find((obj.get("status") or {}).get("conditions"), kind)


def is_true(obj: dict[str, Any], kind: str) -> bool:
    condition = of(obj, kind)
    return condition is not None and condition["status"] == "True"


def without(conditions: Sequence[Condition] | None, kind: str) -> list[Condition]:
    return [condition for condition in conditions or () if condition["type"] != kind]


def replaced(conditions: Sequence[Condition] | None, new: Condition) -> list[Condition]:
    """Return the list with `new` in the place of its type; a kept status keeps its transition time."""
    old = find(conditions, new["type"])
    if old is None:
        return [*(conditions or ()), new]
    if old["status"] == new["status"] and "lastTransitionTime" in old:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [new if condition is old else condition for condition in conditions or ()]
