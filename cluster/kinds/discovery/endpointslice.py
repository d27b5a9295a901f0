"""Some of the addresses behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="discovery.k8s.io",
    version="v1",
    kind="EndpointSlice",
    plural="endpointslices",
    namespaced=True,
    has_generation=True,
)
