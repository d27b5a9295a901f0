"""Which requests go to which priority level."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="flowcontrol.apiserver.k8s.io",
    version="v1",
    kind="FlowSchema",
    plural="flowschemas",
    namespaced=False,
    subresources=(status_subresource("FlowSchema"),),
    has_status=True,
    has_generation=True,
)
