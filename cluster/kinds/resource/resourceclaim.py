"""A request for devices."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceClaim",
    plural="resourceclaims",
    namespaced=True,
    subresources=(status_subresource("ResourceClaim"),),
    has_status=True,
)
