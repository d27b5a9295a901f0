"""A range that cluster IPs are taken from."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="ServiceCIDR",
    plural="servicecidrs",
    namespaced=False,
    subresources=(status_subresource("ServiceCIDR"),),
    has_status=True,
)
