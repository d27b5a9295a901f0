"""Rows of networking.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class IngressClass(KubeObject):
    RESOURCE = "ingressclasses.networking.k8s.io"


class Ingress(KubeObject):
    RESOURCE = "ingresses.networking.k8s.io"
    TYPED = {"ingress_class": at("spec", "ingressClassName")}

    ingress_class = short()


class IPAddress(KubeObject):
    RESOURCE = "ipaddresses.networking.k8s.io"


class NetworkPolicy(KubeObject):
    RESOURCE = "networkpolicies.networking.k8s.io"


class ServiceCIDR(KubeObject):
    RESOURCE = "servicecidrs.networking.k8s.io"
