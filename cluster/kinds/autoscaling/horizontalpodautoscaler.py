"""Scales a workload by its metrics. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.autoscaling.behavior import default_behavior
from cluster.kinds.autoscaling.metrics import metrics_text
from cluster.kinds.autoscaling.older import from_v1, to_v1
from cluster.kinds.autoscaling.rules import validate
from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, UNSET, age
from cluster.machinery.meta import Object, name


def _usual_metric() -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": 80}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if spec.get("minReplicas") is None:
        spec["minReplicas"] = 1
    if not spec.get("metrics"):
        spec["metrics"] = [_usual_metric()]
    if spec.get("behavior") is not None:
        default_behavior(spec["behavior"])
    draft.setdefault("status", {})


def prepare_create(draft: Object) -> None:
    draft["status"] = {"desiredReplicas": 0, "currentMetrics": None}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    target = spec.get("scaleTargetRef") or {}
    least = spec.get("minReplicas")
    return (
        name(obj),
        f"{target.get('kind', '')}/{target.get('name', '')}",
        metrics_text(spec.get("metrics") or (), status.get("currentMetrics") or ()),
        UNSET if least is None else str(least),
        spec.get("maxReplicas") or 0,
        status.get("currentReplicas") or 0,
        age(obj, now),
    )


KIND = Kind(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    namespaced=True,
    short_names=("hpa",),
    categories=("all",),
    subresources=(status_subresource("HorizontalPodAutoscaler"),),
    has_status=True,
    other_versions=("v1",),
    columns=(
        NAME,
        Column("Reference", about="spec.scaleTargetRef"),
        Column("Targets", about="spec.metrics"),
        Column("MinPods", about="spec.minReplicas"),
        Column("MaxPods", about="spec.maxReplicas"),
        Column("Replicas", about="status.currentReplicas"),
        AGE,
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    convert={"v1": (from_v1, to_v1)},
    validate=validate,
)
