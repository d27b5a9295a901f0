"""One pod on every node that fits. https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="apps",
    version="v1",
    kind="DaemonSet",
    plural="daemonsets",
    namespaced=True,
    short_names=("ds",),
    categories=("all",),
    subresources=(status_subresource("DaemonSet"),),
    has_status=True,
    has_generation=True,
)
