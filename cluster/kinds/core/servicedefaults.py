"""Defaults of a Service (`SetDefaults_Service`), apart from what allocation decides."""

from __future__ import annotations

from typing import Any

from cluster.machinery.meta import Object

_AFFINITY_SECONDS = 10800
_EXTERNAL = ("NodePort", "LoadBalancer")


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    _default_affinity(spec)
    if not spec.get("type"):
        spec["type"] = "ClusterIP"
    for port in spec.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    _default_policies(spec)


def _default_affinity(spec: dict[str, Any]) -> None:
    if not spec.get("sessionAffinity"):
        spec["sessionAffinity"] = "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        config = spec.get("sessionAffinityConfig") or {}
        client = config.get("clientIP") or {}
        if client.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _AFFINITY_SECONDS}}


def _default_policies(spec: dict[str, Any]) -> None:
    kind = spec["type"]
    if (
        (kind in _EXTERNAL or spec.get("externalIPs"))
        and not spec.get("externalTrafficPolicy")
        and kind != "ExternalName"
    ):
        spec["externalTrafficPolicy"] = "Cluster"
    if kind in ("ClusterIP", *_EXTERNAL) and spec.get("internalTrafficPolicy") is None:
        spec["internalTrafficPolicy"] = "Cluster"
    if kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is None:
        spec["allocateLoadBalancerNodePorts"] = True
