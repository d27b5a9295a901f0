"""Which requests go to which priority level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if not spec.get("matchingPrecedence"):
        spec["matchingPrecedence"] = 1000
    draft.setdefault("status", {})


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    missing = "?"
    for condition in (obj.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "Dangling":
            missing = condition.get("status") or ""
    return (
        name(obj),
        (spec.get("priorityLevelConfiguration") or {}).get("name") or "",
        spec.get("matchingPrecedence") or 0,
        (spec.get("distinguisherMethod") or {}).get("type") or NONE,
        age(obj, now),
        missing,
    )


KIND = Kind(
    group="flowcontrol.apiserver.k8s.io",
    version="v1",
    kind="FlowSchema",
    plural="flowschemas",
    namespaced=False,
    subresources=(status_subresource("FlowSchema"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("PriorityLevel", about="spec.priorityLevelConfiguration.name"),
        Column("MatchingPrecedence", about="spec.matchingPrecedence"),
        Column("DistinguisherMethod", about="spec.distinguisherMethod"),
        AGE,
        Column("MissingPL", description="references a broken or non-existent PriorityLevelConfiguration"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
)
