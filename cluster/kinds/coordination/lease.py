"""Who holds what until when: leader election and node heartbeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    draft.setdefault("spec", {})


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), (obj.get("spec") or {}).get("holderIdentity") or "", age(obj, now)


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    if spec.get("holderIdentity") == "":
        errors.append(invalid_value("spec.holderIdentity", "", "must not be empty"))
    seconds, turns = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        errors.append(invalid_value("spec.leaseDurationSeconds", seconds, "must be greater than 0"))
    if turns is not None and turns < 0:
        errors.append(invalid_value("spec.leaseTransitions", turns, "must be greater than or equal to 0"))
    return errors


KIND = Kind(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    plural="leases",
    namespaced=True,
    columns=(NAME, Column("Holder", about="spec.holderIdentity"), AGE),
    row=row,
    default=default,
    validate=validate,
)
