"""Pods with names and storage of their own. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/"""

from __future__ import annotations

from cluster.kinds.kind import SCALE, Kind, status_subresource

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
)
