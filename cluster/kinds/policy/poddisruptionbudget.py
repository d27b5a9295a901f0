"""How many pods a voluntary disruption may take. https://kubernetes.io/docs/tasks/run-application/configure-pdb/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def prepare_create(draft: Object) -> None:
    draft["status"] = {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}


def _limit(value: Any) -> str:
    return "N/A" if value is None else str(value)


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        _limit(spec.get("minAvailable")),
        _limit(spec.get("maxUnavailable")),
        status.get("disruptionsAllowed") or 0,
        age(obj, now),
    )


KIND = Kind(
    group="policy",
    version="v1",
    kind="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    namespaced=True,
    short_names=("pdb",),
    subresources=(status_subresource("PodDisruptionBudget"),),
    has_status=True,
    has_generation=True,
    name_rule="path",
    columns=(
        NAME,
        Column("Min Available", description="The minimum number of pods that must be available."),
        Column("Max Unavailable", description="The maximum number of pods that may be unavailable."),
        Column(
            "Allowed Disruptions",
            "integer",
            description="Calculated number of pods that may be disrupted at this time.",
        ),
        AGE,
    ),
    row=row,
    prepare_create=prepare_create,
)
