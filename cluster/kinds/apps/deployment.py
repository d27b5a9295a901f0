"""Rolling updates of ReplicaSets. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import SCALE, Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images, selector_text, wide
from cluster.machinery.meta import Object, name

_QUARTER = "25%"
_USUAL = (("replicas", 1), ("revisionHistoryLimit", 10), ("progressDeadlineSeconds", 600))


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    for field, value in _USUAL:
        if spec.get(field) is None:
            spec[field] = value
    default_template(spec.setdefault("template", {}))
    strategy = spec.setdefault("strategy", {})
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", _QUARTER)
        rolling.setdefault("maxSurge", _QUARTER)


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        status.get("updatedReplicas") or 0,
        status.get("availableReplicas") or 0,
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")),
    )


KIND = Kind(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    namespaced=True,
    short_names=("deploy",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("Deployment"),
    ),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Ready", description="Number of the pod with ready state"),
        Column("Up-to-date", about="status.updatedReplicas"),
        Column("Available", about="status.availableReplicas"),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
)
