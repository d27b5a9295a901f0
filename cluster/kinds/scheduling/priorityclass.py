"""A pod priority by name. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, immutable, one_of
from cluster.machinery.fielderrors import forbidden_field
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    if draft.get("preemptionPolicy") is None:
        draft["preemptionPolicy"] = "PreemptLowerPriority"
    draft.setdefault("value", 0)


def row(obj: Object, now: float) -> Sequence[Any]:
    return (
        name(obj),
        obj.get("value") or 0,
        bool(obj.get("globalDefault")),
        age(obj, now),
        obj.get("preemptionPolicy") or "",
    )


_HIGHEST = 1_000_000_000
_SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def validate(obj: Object) -> Errors:
    errors: Errors = []
    value = obj.get("value") or 0
    if name(obj).startswith("system-"):
        if _SYSTEM.get(name(obj)) != value:
            known = f"{name(obj)} is not a known system priority class"
            if name(obj) in _SYSTEM:
                known = f"value of {name(obj)} PriorityClass must be {_SYSTEM[name(obj)]}"
            text = f"priority class names with 'system-' prefix are reserved for system use only. error: {known}"
            errors.append(forbidden_field("metadata.name", text))
    elif value > _HIGHEST:
        text = f"maximum allowed value of a user defined priority is {_HIGHEST}"
        errors.append(forbidden_field("value", text))
    policy = obj.get("preemptionPolicy")
    if policy is not None:
        errors += one_of("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"), in_order=True)
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    errors: Errors = []
    if (new.get("value") or 0) != (old.get("value") or 0):
        errors.append(forbidden_field("value", "may not be changed in an update."))
    if new.get("preemptionPolicy") != old.get("preemptionPolicy"):
        errors += immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))
    return errors


KIND = Kind(
    group="scheduling.k8s.io",
    version="v1",
    kind="PriorityClass",
    plural="priorityclasses",
    namespaced=False,
    short_names=("pc",),
    has_generation=True,
    columns=(
        NAME,
        Column("Value", "integer", about="value"),
        Column("Global-Default", "boolean", about="globalDefault"),
        AGE,
        Column("PreemptionPolicy", about="preemptionPolicy"),
    ),
    row=row,
    default=default,
    validate=validate,
    validate_update=validate_update,
)
