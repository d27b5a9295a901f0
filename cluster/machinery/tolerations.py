"""Taints and tolerations: what tolerates what.

https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Taint = dict[str, Any]


def tolerates(toleration: dict[str, Any], taint: Taint) -> bool:
    if toleration.get("effect") and toleration["effect"] != taint["effect"]:
        return False
    if toleration.get("key") and toleration["key"] != taint["key"]:
        return False
    operator = toleration.get("operator") or "Equal"
    if operator == "Exists":
        return True
    mine, theirs = toleration.get("value") or "", taint.get("value") or ""
    if operator in ("Lt", "Gt"):
        return _compares(operator, mine, theirs)
    return bool(toleration.get("key")) and mine == theirs


def _compares(operator: str, mine: str, theirs: str) -> bool:
    try:
        return int(theirs) < int(mine) if operator == "Lt" else int(theirs) > int(mine)
    except ValueError:
        return False


def untolerated(
    taints: Iterable[Taint], tolerations: Iterable[dict[str, Any]], effects: tuple[str, ...]
) -> Taint | None:
    """Return the first taint of these effects that nothing tolerates."""
    known = list(tolerations)
    for taint in taints:
        if taint["effect"] in effects and not any(tolerates(each, taint) for each in known):
            return taint
    return None
