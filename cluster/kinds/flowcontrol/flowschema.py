"""Which requests go to which priority level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import invalid_value, required
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


_LAST = 10000


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    precedence = spec.get("matchingPrecedence") or 0
    errors: Errors = []
    if not 1 <= precedence <= _LAST:
        text = f"must be a value between 1 and {_LAST}"
        errors.append(invalid_value("spec.matchingPrecedence", precedence, text))
    elif precedence == 1 and name(obj) != "exempt":
        text = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.append(invalid_value("spec.matchingPrecedence", precedence, text))
    if not (spec.get("priorityLevelConfiguration") or {}).get("name"):
        where = "spec.priorityLevelConfiguration.name"
        errors.append(required(where, "must reference a priority level"))
    method = spec.get("distinguisherMethod")
    if method is not None:
        errors += one_of("spec.distinguisherMethod", method.get("type"), ("ByNamespace", "ByUser"))
    return errors


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
    validate=validate,
)
