"""Which traffic pods accept and send. https://kubernetes.io/docs/concepts/services-networking/network-policies/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="NetworkPolicy",
    plural="networkpolicies",
    namespaced=True,
    short_names=("netpol",),
    has_generation=True,
)
