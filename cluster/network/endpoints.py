"""Service ports and the endpoints behind them, as every kube-proxy reads them from the API.

https://kubernetes.io/docs/reference/networking/virtual-ips/
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cluster.machinery.meta import Object, labels, name, namespace
from cluster.store.interface import Store

SERVICE_LABEL = "kubernetes.io/service-name"
SLICES = "endpointslices.discovery.k8s.io"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and port that traffic may go to."""

    address: str
    port: int
    node: str = ""
    pod: str = ""
    ready: bool = True
    serving: bool = True
    terminating: bool = False


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of one Service with what stands behind it."""

    namespace: str
    name: str
    port_name: str
    protocol: str
    port: int
    cluster_ips: tuple[str, ...]
    node_port: int = 0
    external_ips: tuple[str, ...] = ()
    load_balancer_ips: tuple[str, ...] = ()
    affinity: int = 0  # ClientIP time-out in seconds, 0 for none
    internal_local: bool = False
    external_local: bool = False
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def title(self) -> str:
        """Return kube-proxy's name of it: `default/web:http`."""
        tail = f":{self.port_name}" if self.port_name else ""
        return f"{self.namespace}/{self.name}{tail}"

    @property
    def chain(self) -> str:
        return "KUBE-SVC-" + _hash(self.title + self.protocol.lower())

    def endpoint_chain(self, endpoint: Endpoint) -> str:
        return "KUBE-SEP-" + _hash(f"{self.title}{self.protocol.lower()}{endpoint.address}:{endpoint.port}")

    def usable(self, node: str, *, local: bool) -> tuple[Endpoint, ...]:
        """Return the endpoints for traffic on `node`: ready ones, or those that end but still serve."""
        near = [one for one in self.endpoints if not local or one.node == node]
        ready = tuple(one for one in near if one.ready)
        return ready or tuple(one for one in near if one.serving and one.terminating)


@lru_cache(maxsize=4096)
def _hash(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:16]


def service_ports(store: Store) -> list[ServicePort]:
    """Return every port of every Service that has an address of its own, in the Services' order."""
    slices: dict[tuple[str, str], list[Object]] = {}
    for piece in store.list(SLICES):
        slices.setdefault((namespace(piece), labels(piece).get(SERVICE_LABEL, "")), []).append(piece)
    found = []
    for service in store.list("services"):
        spec = service.get("spec") or {}
        if spec.get("type") == "ExternalName" or spec.get("clusterIP") in (None, "", "None"):
            continue
        own = slices.get((namespace(service), name(service)), [])
        found += [_service_port(service, port, own) for port in spec.get("ports") or ()]
    return found


class ServiceTable:
    """The service ports of now; computed again only when a Service or an EndpointSlice has changed."""

    def __init__(self, store: Store):
        self._store = store
        self._mark = (-1, -1)
        self._ports: list[ServicePort] = []

    def ports(self) -> list[ServicePort]:
        mark = (self._store.last_change("services"), self._store.last_change(SLICES))
        if mark != self._mark:
            self._mark, self._ports = mark, service_ports(self._store)
        return self._ports


def _service_port(service: Object, port: Mapping[str, Any], slices: Iterable[Object]) -> ServicePort:
    spec = service["spec"]
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    affinity = 0
    if spec.get("sessionAffinity") == "ClientIP":
        affinity = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds", 10800)
    return ServicePort(
        namespace(service),
        name(service),
        port.get("name", ""),
        port.get("protocol", "TCP"),
        port["port"],
        tuple(spec.get("clusterIPs") or [spec["clusterIP"]]),
        port.get("nodePort") or 0,
        tuple(spec.get("externalIPs") or ()),
        tuple(one["ip"] for one in ingress if one.get("ip")),
        affinity,
        spec.get("internalTrafficPolicy") == "Local",
        spec.get("externalTrafficPolicy") == "Local",
        tuple(_endpoints(slices, port.get("name", ""))),
    )


def _endpoints(slices: Iterable[Object], port_name: str) -> list[Endpoint]:
    found = []
    for piece in slices:
        ports = {one.get("name") or "": one.get("port") for one in piece.get("ports") or ()}
        number = ports.get(port_name)
        if number is None:
            continue
        for one in piece.get("endpoints") or ():
            conditions = one.get("conditions") or {}
            ready = conditions.get("ready", True)
            found += [
                Endpoint(
                    address,
                    number,
                    one.get("nodeName", ""),
                    (one.get("targetRef") or {}).get("name", ""),
                    ready,
                    conditions.get("serving", ready),
                    conditions.get("terminating", False),
                )
                for address in one.get("addresses") or ()
            ]
    return sorted(found, key=lambda one: (one.address, one.port))
