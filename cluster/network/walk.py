"""The walk of one request: name → address → node's rules → endpoint → pod → process, hop by hop.

curl, probes of foreign hosts, the page preview and the packet view all walk here. The result and the
trace are the same thing. Left out so far: NetworkPolicy, Ingress, IPv6, packet loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from cluster.apiserver.context import Config
from cluster.apiserver.ports import Containers
from cluster.machinery.cidr import contains, parse_ip
from cluster.machinery.clock import Clock
from cluster.machinery.ids import Ids
from cluster.machinery.meta import Object, annotations as annotations_of, name, namespace, uid
from cluster.network.dns import Record, Zone
from cluster.network.endpoints import Endpoint, ServicePort, ServiceTable
from cluster.network.proxy.proxies import node_ports
from cluster.store.interface import StateBook, Store
from cluster.workloads.process import Hop, Lookup, WebReply, WebRequest
from cluster.workloads.resolver import Resolver

MIRROR = "kubernetes.io/config.mirror"
PORTS = {"http": 80, "https": 443}
CONNECT_TIMEOUT = 130.0  # what Linux takes to give up a connection nobody answers
DNS_TIMEOUT = 10.0
LOOPBACK = "127.0.0.1"
TRIP = 0.001


@dataclass(frozen=True)
class Origin:
    """Where a request starts."""

    kind: str  # pod | node | outside
    address: str
    node: str
    resolver: Resolver
    pod: Object | None = None
    hosts: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        if self.pod is not None:
            return f"pod {namespace(self.pod)}/{name(self.pod)}"
        return f"node {self.node}" if self.kind == "node" else "outside the cluster"


@dataclass(frozen=True)
class Walker:
    """Walks requests through what the store and the nodes say at this moment."""

    store: Store
    state: StateBook
    clock: Clock
    ids: Ids
    config: Config
    containers: Containers
    table: ServiceTable

    # -- requests --------------------------------------------------------------------------------

    def fetch(self, origin: Origin, request: WebRequest) -> WebReply:
        """Return the reply or the error, with every hop on the way."""
        url = urlsplit(request.url)
        host = (url.hostname or "").lower()
        port = url.port or PORTS.get(url.scheme, 80)
        hops: list[Hop] = []
        host = self._override(request, host, port)
        address, failed = self._resolve(origin, host, hops)
        if failed:
            return replace(failed, hops=tuple(hops))
        reply = self._connect(origin, address, port, request, hops)
        if request.timeout and (reply.seconds > request.timeout or reply.error == "timeout"):
            reply = replace(reply, error="timeout", seconds=request.timeout, status=0, body=b"")
        return replace(reply, hops=(*hops, *reply.hops), address=reply.address or f"{address}:{port}")

    def _override(self, request: WebRequest, host: str, port: int) -> str:
        return next((address for key, address in request.resolve if key == f"{host}:{port}"), host)

    def _resolve(self, origin: Origin, host: str, hops: list[Hop]) -> tuple[str, WebReply | None]:
        if parse_ip(host) is not None:
            return host, None
        if host == "localhost":
            return LOOPBACK, None
        if host in origin.hosts:
            hops.append(Hop(origin.title, "/etc/hosts", f"{host} is {origin.hosts[host]}"))
            return origin.hosts[host], None
        lookup = self.lookup(origin, host, "A")
        address = next((value for _, kind, value in lookup.records if kind == "A"), "")
        if address:
            hops.append(Hop(origin.title, "dns", f"{lookup.name} is {address} (asked {lookup.server})"))
            return address, None
        text = (
            "no answer from the name server"
            if lookup.error == "TIMEOUT"
            else f"{host}: {lookup.error or 'no A record'}"
        )
        hops.append(Hop(origin.title, "dns", text))
        return "", WebReply(error="nxdomain", seconds=DNS_TIMEOUT if lookup.error == "TIMEOUT" else 0.0)

    def _connect(self, origin: Origin, address: str, port: int, request: WebRequest, hops: list[Hop]) -> WebReply:
        """Go from the origin to an address: its own loopback, a rule on its node, a pod or a node."""
        if address.startswith("127."):
            return self._loopback(origin, port, request, hops)
        ruled = self._by_rules(origin, address, port, hops)
        if isinstance(ruled, WebReply):
            return ruled
        if ruled is not None:
            endpoint, client = ruled
            return self._deliver(origin, endpoint.address, endpoint.port, client, request, hops)
        return self._deliver(origin, address, port, origin.address, request, hops)

    def _loopback(self, origin: Origin, port: int, request: WebRequest, hops: list[Hop]) -> WebReply:
        hops.append(Hop(origin.title, "loopback", f"127.0.0.1:{port} stays inside {origin.title}"))
        if origin.pod is not None and not origin.pod["spec"].get("hostNetwork"):
            return self._serve(origin.pod, port, LOOPBACK, request, hops)
        if origin.kind == "outside":
            return WebReply(error="refused")
        return self._on_node(origin.node, port, LOOPBACK, request, hops)

    # -- rules -----------------------------------------------------------------------------------

    def _by_rules(
        self, origin: Origin, address: str, port: int, hops: list[Hop]
    ) -> tuple[Endpoint, str] | WebReply | None:
        """Apply the first node's service rules; None when no rule speaks of this destination."""
        machine = self._machine_at(address)
        at = str(machine["name"]) if machine else origin.node
        if machine is not None and not machine["powered"]:
            hops.append(Hop(origin.title, "network", f"{machine['name']} does not answer"))
            return WebReply(error="unreachable", seconds=3.0)
        ports = node_ports(self.table, self.state, at)
        if ports is None:
            return None if not self._is_service(address) else self._no_rules(at, address, hops)
        found = self._match(ports, address, port, machine)
        if found is None:
            return self._no_match(at, address, port, hops) if self._is_service(address) else None
        service, external = found
        return self._pick(origin, at, service, external, hops)

    def _is_service(self, address: str) -> bool:
        return contains(self.config.service_cidr, address)

    def _no_rules(self, node: str, address: str, hops: list[Hop]) -> WebReply:
        hops.append(Hop(f"node {node}", "iptables", f"kube-proxy never ran on {node}: no rule for {address}"))
        return WebReply(error="timeout", seconds=CONNECT_TIMEOUT)

    def _no_match(self, node: str, address: str, port: int, hops: list[Hop]) -> WebReply:
        hops.append(Hop(f"node {node}", "iptables", f"no Service has {address}:{port}; the packet goes nowhere"))
        return WebReply(error="timeout", seconds=CONNECT_TIMEOUT)

    def _match(
        self, ports: list[ServicePort], address: str, port: int, machine: dict[str, Any] | None
    ) -> tuple[ServicePort, bool] | None:
        """Return (service port, whether it was reached from outside the cluster network)."""
        for one in ports:
            if one.protocol == "TCP" and one.port == port:
                if address in one.cluster_ips:
                    return one, False
                if address in (*one.external_ips, *one.load_balancer_ips):
                    return one, True
            if machine is not None and one.node_port == port and one.protocol == "TCP":
                return one, True
        return None

    def _pick(
        self, origin: Origin, node: str, service: ServicePort, external: bool, hops: list[Hop]
    ) -> tuple[Endpoint, str] | WebReply:
        local = service.external_local if external else service.internal_local
        usable = service.usable(node, local=local)
        if not usable:
            hops.append(Hop(f"node {node}", "iptables", f"{service.title} has no endpoints: rejected"))
            if external and local:
                return WebReply(error="timeout", seconds=CONNECT_TIMEOUT)
            return WebReply(error="refused")
        endpoint = self._choose(origin, service, usable)
        chance = f"probability 1/{len(usable)}" if len(usable) > 1 else "the only endpoint"
        chains = {"service": service.chain, "endpoint": service.endpoint_chain(endpoint), "of": len(usable)}
        text = f"{service.title}: {service.chain} → {endpoint.address}:{endpoint.port} ({chance})"
        hops.append(Hop(f"node {node}", "iptables", text, chains))
        # Traffic from beyond the pod network, and a pod's to itself, leaves the node with its address.
        masked = not local if external else origin.kind == "outside"
        masked = masked or endpoint.address == origin.address
        machine = self.state.get(f"machine/{node}")
        client = machine["address"] if masked and machine else origin.address
        return endpoint, client

    def _choose(self, origin: Origin, service: ServicePort, usable: tuple[Endpoint, ...]) -> Endpoint:
        if service.affinity:
            kept = self._kept(origin, service, usable)
            if kept is not None:
                return kept
        number = (self.state.get("network/walks") or 0) + 1
        self.state.put("network/walks", number)
        chosen = self.ids.choose(usable, "endpoint", number, service.title)
        if service.affinity:
            self._keep(origin, service, chosen)
        return chosen

    def _affinity_key(self, service: ServicePort) -> str:
        return f"affinity/{service.namespace}/{service.name}/{service.port_name}"

    def _kept(self, origin: Origin, service: ServicePort, usable: tuple[Endpoint, ...]) -> Endpoint | None:
        entry = (self.state.get(self._affinity_key(service)) or {}).get(origin.address)
        if entry is None or self.clock.now() - entry[1] > service.affinity:
            return None
        chosen = next((one for one in usable if one.address == entry[0]), None)
        if chosen is not None:
            self._keep(origin, service, chosen)
        return chosen

    def _keep(self, origin: Origin, service: ServicePort, chosen: Endpoint) -> None:
        key = self._affinity_key(service)
        entries = self.state.get(key) or {}
        entries[origin.address] = [chosen.address, self.clock.now()]
        self.state.put(key, entries)

    # -- delivery --------------------------------------------------------------------------------

    def _deliver(
        self, origin: Origin, address: str, port: int, client: str, request: WebRequest, hops: list[Hop]
    ) -> WebReply:
        machine = self._machine_at(address)
        if machine is not None:
            if not machine["powered"]:
                hops.append(Hop(origin.title, "network", f"{machine['name']} does not answer"))
                return WebReply(error="unreachable", seconds=3.0)
            return self._on_node(machine["name"], port, client, request, hops)
        pod = self.pod_at(address)
        if pod is None:
            inside = contains(self.config.pod_cidr, address)
            hops.append(Hop(origin.title, "route", f"nobody has {address}"))
            return (
                WebReply(error="unreachable", seconds=3.0)
                if inside
                else WebReply(error="timeout", seconds=CONNECT_TIMEOUT)
            )
        there = self.state.get(f"machine/{pod['spec']['nodeName']}")
        if there is not None and not there["powered"]:
            hops.append(Hop(origin.title, "network", f"{there['name']} does not answer"))
            return WebReply(error="timeout", seconds=CONNECT_TIMEOUT)
        hops.append(self._route(origin, address, pod))
        return self._serve(pod, port, client, request, hops)

    def _route(self, origin: Origin, address: str, pod: Object) -> Hop:
        """Say how a packet gets to a pod: over its node's bridge, or wrapped up and sent to the other node."""
        there = pod["spec"]["nodeName"]
        way = "same node, over the bridge" if there == origin.node else "other node, VXLAN over the node network"
        text = f"{address} is pod {namespace(pod)}/{name(pod)} ({way})"
        return Hop(f"node {there}", "route", text, {"encapsulated": there != origin.node})

    def _serve(self, pod: Object, port: int, client: str, request: WebRequest, hops: list[Hop]) -> WebReply:
        identity = annotations_of(pod).get(MIRROR) or uid(pod)
        address = (pod.get("status") or {}).get("podIP", "")
        reply = self.containers.serve(identity, port, replace(request, client=client))
        text = f"port {port} answered {reply.status}" if not reply.error else f"port {port}: {reply.error}"
        hops.append(Hop(f"pod {namespace(pod)}/{name(pod)}", "process", text))
        return replace(reply, address=f"{address}:{port}", seconds=reply.seconds + TRIP, hops=())

    def _on_node(self, node: str, port: int, client: str, request: WebRequest, hops: list[Hop]) -> WebReply:
        """Hand a request to whatever listens in a node's own network: host-network pods and host ports."""
        hops.append(Hop(f"node {node}", "route", f"{node} is the destination"))
        for pod, inner in self._host_listeners(node, port):
            reply = self._serve(pod, inner, client, request, hops)
            if reply.error != "refused":
                return reply
        if port == 10250:
            return WebReply(401, (("Content-Type", "text/plain; charset=utf-8"),), b"Unauthorized")
        return WebReply(error="refused")

    def _host_listeners(self, node: str, port: int) -> Iterator[tuple[Object, int]]:
        for pod in self.store.list("pods"):
            if pod["spec"].get("nodeName") != node or (pod.get("status") or {}).get("phase") != "Running":
                continue
            if pod["spec"].get("hostNetwork"):
                yield pod, port
                continue
            for container in pod["spec"]["containers"]:
                for one in container.get("ports") or ():
                    if one.get("hostPort") == port:
                        yield pod, one["containerPort"]

    def _machine_at(self, address: str) -> dict[str, Any] | None:
        for key in self.state.keys("machine/"):
            machine: dict[str, Any] | None = self.state.get(key)
            if machine is not None and machine["address"] == address:
                return machine
        return None

    def pod_at(self, address: str) -> Object | None:
        """Return the pod that has this address now."""
        for pod in self.store.list("pods"):
            status = pod.get("status") or {}
            over = status.get("phase") in ("Succeeded", "Failed")
            if status.get("podIP") == address and not over and not pod["spec"].get("hostNetwork"):
                return pod
        return None

    # -- names -----------------------------------------------------------------------------------

    def lookup(self, origin: Origin, wanted: str, kind: str) -> Lookup:
        """Ask the origin's name servers, search list and all."""
        server = origin.resolver.servers[0] if origin.resolver.servers else ""
        if not server:
            return Lookup(wanted, kind, server, error="SERVFAIL")
        if not self._reaches_dns(origin, server):
            return Lookup(wanted, kind, server, error="TIMEOUT")
        for candidate in origin.resolver.candidates(wanted):
            records = self._answer(candidate, kind)
            if records:
                return Lookup(candidate, kind, server, tuple(records))
        return Lookup(wanted, kind, server, error="NXDOMAIN")

    def _reaches_dns(self, origin: Origin, server: str) -> bool:
        """Say whether a name server answers: the cluster's through its Service, its endpoints and their pods."""
        if server == self.config.dns_ip:
            ports = node_ports(self.table, self.state, origin.node) or ()
            service = next((one for one in ports if server in one.cluster_ips and one.port == 53), None)
            return service is not None and bool(service.usable(origin.node, local=False))
        pod = self.pod_at(server)
        return pod is not None or server.startswith("172.18.0.")

    def _answer(self, wanted: str, kind: str) -> list[Record]:
        zone = Zone(self.store, self.config.cluster_domain)
        if wanted.endswith(".in-addr.arpa"):
            return list(zone.reverse(wanted) or ())
        if not zone.holds(wanted):
            return self._upstream(wanted, kind)
        records = list(zone.answer(wanted, kind) or ())
        if records and records[0][1] == "CNAME" and kind != "CNAME":
            records += self._answer(records[0][2].rstrip("."), kind)
        return records

    def _upstream(self, wanted: str, kind: str) -> list[Record]:
        machine = self.state.get(f"machine/{wanted}")
        return [(wanted, "A", machine["address"])] if machine and kind in ("A", "ANY") else []
