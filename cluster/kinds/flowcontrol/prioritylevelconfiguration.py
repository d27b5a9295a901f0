"""How many requests of one level run at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import forbidden_field, required
from cluster.machinery.meta import Object, name

_QUEUING = (("queues", 64), ("handSize", 8), ("queueLengthLimit", 50))


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    exempt, limited = spec.get("exempt"), spec.get("limited")
    if spec.get("type") == "Exempt":
        exempt = spec.setdefault("exempt", {})
    if exempt is not None:
        exempt.setdefault("nominalConcurrencyShares", 0)
        exempt.setdefault("lendablePercent", 0)
    if limited is not None:
        _default_limited(limited)
    draft.setdefault("status", {})


def _default_limited(limited: dict[str, Any]) -> None:
    limited.setdefault("nominalConcurrencyShares", 30)
    limited.setdefault("lendablePercent", 0)
    queuing = limited.setdefault("limitResponse", {}).get("queuing")
    if queuing is not None:
        for field, value in _QUEUING:
            if not queuing.get(field):
                queuing[field] = value


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    limited = spec.get("limited") or {}  # what an exempt level has is printed by no column
    queuing = (limited.get("limitResponse") or {}).get("queuing") or {}
    return (
        name(obj),
        spec.get("type") or "",
        limited.get("nominalConcurrencyShares", NONE),
        *(queuing.get(field, NONE) for field, _ in _QUEUING),
        age(obj, now),
    )


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    kind = spec.get("type")
    if kind == "Exempt":
        text = "must be nil if the type is not Limited"
        return [forbidden_field("spec.limited", text)] if spec.get("limited") is not None else []
    if kind == "Limited":
        text = "must not be empty when type is Limited"
        return [required("spec.limited", text)] if spec.get("limited") is None else []
    return one_of("spec.type", kind or "", ("Exempt", "Limited"))


KIND = Kind(
    group="flowcontrol.apiserver.k8s.io",
    version="v1",
    kind="PriorityLevelConfiguration",
    plural="prioritylevelconfigurations",
    namespaced=False,
    subresources=(status_subresource("PriorityLevelConfiguration"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Type", about="spec.type"),
        Column("NominalConcurrencyShares", about="spec.limited.nominalConcurrencyShares"),
        Column("Queues", about="spec.limited.limitResponse.queuing.queues"),
        Column("HandSize", about="spec.limited.limitResponse.queuing.handSize"),
        Column("QueueLengthLimit", about="spec.limited.limitResponse.queuing.queueLengthLimit"),
        AGE,
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    validate=validate,
)
