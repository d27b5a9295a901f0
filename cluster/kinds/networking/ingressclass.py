"""Which controller answers for an Ingress."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="IngressClass",
    plural="ingressclasses",
    namespaced=False,
    has_generation=True,
)
