"""A number of equal pods. https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/"""

from __future__ import annotations

from cluster.kinds.kind import SCALE, Kind, status_subresource

KIND = Kind(
    group="apps",
    version="v1",
    kind="ReplicaSet",
    plural="replicasets",
    namespaced=True,
    short_names=("rs",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("ReplicaSet"),
    ),
    has_status=True,
    has_generation=True,
)
