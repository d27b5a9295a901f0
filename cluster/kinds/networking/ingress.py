"""HTTP routes into the cluster. https://kubernetes.io/docs/concepts/services-networking/ingress/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="Ingress",
    plural="ingresses",
    namespaced=True,
    short_names=("ing",),
    subresources=(status_subresource("Ingress"),),
    has_status=True,
    has_generation=True,
)
