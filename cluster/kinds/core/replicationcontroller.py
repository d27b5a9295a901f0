"""The ancestor of the ReplicaSet. https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/"""

from __future__ import annotations

from cluster.kinds.kind import SCALE, Kind, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="ReplicationController",
    plural="replicationcontrollers",
    namespaced=True,
    short_names=("rc",),
    categories=("all",),
    subresources=(
        SCALE,
        status_subresource("ReplicationController"),
    ),
    has_status=True,
    has_generation=True,
)
