"""Pods with names and storage of their own. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import SCALE, Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.volumedefaults import default_claim_spec
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    default_template(spec.setdefault("template", {}))
    if not spec.get("podManagementPolicy"):
        spec["podManagementPolicy"] = "OrderedReady"
    _default_strategy(spec.setdefault("updateStrategy", {}))
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for field in ("whenDeleted", "whenScaled"):
        if not retention.get(field):
            retention[field] = "Retain"
    for field, value in (("replicas", 1), ("revisionHistoryLimit", 10)):
        if spec.get(field) is None:
            spec[field] = value
    for claim in spec.get("volumeClaimTemplates") or ():
        _default_claim(claim)


def _default_strategy(strategy: dict[str, Any]) -> None:
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        if strategy.get("rollingUpdate") is None:
            strategy["rollingUpdate"] = {}
    rolling = strategy.get("rollingUpdate")
    if strategy["type"] == "RollingUpdate" and rolling is not None:
        rolling.setdefault("partition", 0)


def _default_claim(claim: dict[str, Any]) -> None:
    claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
    claim.setdefault("metadata", {})
    default_claim_spec(claim.setdefault("spec", {}))
    claim.setdefault("status", {})
    if not claim["status"].get("phase"):
        claim["status"]["phase"] = "Pending"


def prepare_create(draft: Object) -> None:
    draft["status"] = {"replicas": 0, "availableReplicas": 0}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        f"{status.get('readyReplicas') or 0}/{spec.get('replicas') or 0}",
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
    )


KIND = Kind(
    group="apps",
    version="v1",
    kind="StatefulSet",
    plural="statefulsets",
    namespaced=True,
    short_names=("sts",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("StatefulSet"),
    ),
    has_status=True,
    has_generation=True,
    columns=(NAME, Column("Ready", description="Number of the pod with ready state"), AGE, CONTAINERS, IMAGES),
    row=row,
    default=default,
    prepare_create=prepare_create,
)
