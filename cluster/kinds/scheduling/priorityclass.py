"""A pod priority by name. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
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
)
