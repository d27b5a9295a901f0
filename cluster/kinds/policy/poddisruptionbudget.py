"""How many pods a voluntary disruption may take. https://kubernetes.io/docs/tasks/run-application/configure-pdb/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, at_most_all, one_of, positive_int_or_percent
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.fielderrors import invalid_value
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


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        shown = internal("PodDisruptionBudgetSpec", spec)
        errors.append(invalid_value("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for field in ("minAvailable", "maxUnavailable"):
        if spec.get(field) is not None:
            errors += positive_int_or_percent(f"spec.{field}", spec[field])
            errors += at_most_all(f"spec.{field}", spec[field])
    errors += label_selector("spec.selector", spec.get("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None:
        errors += one_of("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))
    return errors


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
    metadata_checks=0,
    validate=validate,
)
