"""A machine that runs pods. https://kubernetes.io/docs/concepts/architecture/nodes/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="Node",
    plural="nodes",
    namespaced=False,
    short_names=("no",),
    subresources=(
        Subresource("proxy", "NodeProxyOptions", ("create", "delete", "get", "patch", "update")),
        status_subresource("Node"),
    ),
    has_status=True,
)
