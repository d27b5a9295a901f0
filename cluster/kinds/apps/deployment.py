"""Rolling updates of ReplicaSets. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/"""

from __future__ import annotations

from cluster.kinds.kind import SCALE, Kind, status_subresource

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
)
