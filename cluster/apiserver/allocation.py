"""Cluster IPs and node ports of Services: given out once, checked, kept on update.

Follows pkg/registry/core/service/storage/alloc.go. What is taken is read from the stored Services and
IPAddresses, so there is no allocator state to repair. Left out: further ranges of ServiceCIDRs, IPv6.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any

from cluster.apiserver import families, heldaddresses
from cluster.apiserver.request import Request
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, invalid
from cluster.machinery.fielderrors import FieldError, invalid_value
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

# The lower part of the range is left to those who ask for an address by name.
_STATIC_BAND = 256
_HEADLESS = "None"


class Allocations:
    """Everything a Service may need of the cluster's ranges."""

    def __init__(self, server: ApiServer):
        self._server = server
        self._network = IPv4Network(server.config.service_cidr)

    def complete(self, kind: Kind, request: Request, draft: Object, old: Object | None) -> None:
        """Give a Service what it lacks; 422 when what it names itself is taken or out of range."""
        if kind.resource != "services" or request.subresource:
            return
        spec = draft.setdefault("spec", {})
        before = (old or {}).get("spec") or {}
        if before:
            _keep_allocated(spec, before)
            _drop_unneeded(spec, before)
        _in_step(spec, before)
        # Each step needs what the one before it settled, and only its errors are told.
        errors = families.settle(spec, before) or self._address(spec, before, request) or self._ports(spec, before)
        if errors:
            raise invalid("Service", "", draft["metadata"].get("name") or "", errors)
        self._hold(draft, old, request)

    def released(self, kind: Kind, obj: Object, request: Request) -> None:
        """Give back what a Service that is gone held."""
        if kind.resource == "services":
            heldaddresses.release(self._server, obj, request)

    def _hold(self, draft: Object, old: Object | None, request: Request) -> None:
        addresses = [one for one in draft["spec"].get("clusterIPs") or () if one not in ("", _HEADLESS)]
        for address in addresses:
            heldaddresses.hold(self._server, address, draft["metadata"], request)
        if old is not None:
            heldaddresses.release(self._server, old, request, kept=frozenset(addresses))

    def _address(self, spec: dict[str, Any], before: dict[str, Any], request: Request) -> list[FieldError]:
        if not _needs_address(spec) or spec.get("clusterIP") == _HEADLESS:
            return []
        asked = spec.get("clusterIP")
        if asked and asked == before.get("clusterIP"):
            return []
        if not asked:
            chosen = str(self._network.network_address) if request.dry_run else self._free_address(spec)
            spec["clusterIP"], spec["clusterIPs"] = chosen, [chosen]
            return []
        return self._check_address(asked)

    def _check_address(self, asked: str) -> list[FieldError]:
        try:
            inside = IPv4Address(asked) in self._network
        except ValueError:
            return []  # validation says what is wrong with it
        if not inside:
            why = "the provided network does not match the current range"
        elif asked in self._taken_addresses():
            why = "provided IP is already allocated"
        else:
            return []
        return [invalid_value("spec.clusterIPs", [asked], f"failed to allocate IP {asked}: {why}")]

    def _taken_addresses(self) -> set[str]:
        services = self._server.store.list("services")
        given = {address for service in services for address in (service.get("spec") or {}).get("clusterIPs") or ()}
        return given | heldaddresses.held(self._server)

    def _free_address(self, spec: dict[str, Any]) -> str:
        taken = self._taken_addresses()
        size = self._network.num_addresses
        static = _STATIC_BAND if size > 2 * _STATIC_BAND else 1
        span = size - static - 1
        start = self._server.ids.random("cluster-ip", self._server.store.revision).randrange(span)
        for step in range(span):
            address = str(self._network[static + (start + step) % span])
            if address not in taken:
                return address
        raise _exhausted("failed to allocate a serviceIP: range is full")

    def _ports(self, spec: dict[str, Any], before: dict[str, Any]) -> list[FieldError]:
        if not _needs_node_ports(spec):
            return []
        own = {port.get("nodePort") for port in before.get("ports") or ()} | {before.get("healthCheckNodePort")}
        taken = self._taken_ports() - own
        ports = spec.get("ports") or []
        given: dict[int, int] = {}
        for position, port in enumerate(ports):
            asked = port.get("nodePort") or 0
            # Two protocols of one port may share its node port.
            if not asked or given.get(port.get("port", 0)) == asked:
                continue
            errors = [] if asked in own else self._check_port(f"spec.ports[{position}].nodePort", asked, taken)
            if errors:
                return errors
            given.setdefault(port.get("port", 0), asked)
            taken.add(asked)
        if _allocates(spec):
            self._choose_ports(ports, given, taken)
        if _needs_health_port(spec) and not spec.get("healthCheckNodePort"):
            spec["healthCheckNodePort"] = self._free_port(taken, "health")
        return []

    def _choose_ports(self, ports: list[dict[str, Any]], given: dict[int, int], taken: set[int]) -> None:
        for position, port in enumerate(ports):
            if not port.get("nodePort"):
                port["nodePort"] = given.get(port.get("port", 0)) or self._free_port(taken, position)
                given.setdefault(port.get("port", 0), port["nodePort"])

    def _taken_ports(self) -> set[int]:
        taken: set[int] = set()
        for service in self._server.store.list("services"):
            spec = service.get("spec") or {}
            taken.update(port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort"))
            if spec.get("healthCheckNodePort"):
                taken.add(spec["healthCheckNodePort"])
        return taken

    def _check_port(self, path: str, asked: int, taken: set[int]) -> list[FieldError]:
        low, high = self._server.config.node_ports
        if not low <= asked <= high:
            text = f"provided port is not in the valid range. The range of valid ports is {low}-{high}"
            return [invalid_value(path, asked, text)]
        return [invalid_value(path, asked, "provided port is already allocated")] if asked in taken else []

    def _free_port(self, taken: set[int], *words: Any) -> int:
        low, high = self._server.config.node_ports
        static = min(max(16, (high - low + 1) // 32), 128)
        span = high - low + 1 - static
        start = self._server.ids.random("node-port", self._server.store.revision, *words).randrange(span)
        for step in range(span):
            port = low + static + (start + step) % span
            if port not in taken:
                taken.add(port)
                return port
        raise _exhausted("failed to allocate a nodePort: range is full")


def _exhausted(text: str) -> StatusError:
    return StatusError(500, "InternalError", f"Internal error occurred: {text}", {"causes": [{"message": text}]})


def _needs_address(spec: dict[str, Any]) -> bool:
    return spec.get("type", "ClusterIP") in ("ClusterIP", "NodePort", "LoadBalancer")


def _needs_node_ports(spec: dict[str, Any]) -> bool:
    return spec.get("type") in ("NodePort", "LoadBalancer")


def _allocates(spec: dict[str, Any]) -> bool:
    """Return whether ports that name no node port get one."""
    return spec.get("type") == "NodePort" or spec.get("allocateLoadBalancerNodePorts") is not False


def _needs_health_port(spec: dict[str, Any]) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _keep_allocated(spec: dict[str, Any], before: dict[str, Any]) -> None:
    """A replacement that leaves out what was given keeps it."""
    if _needs_address(spec) and _needs_address(before):
        if not spec.get("clusterIP") and before.get("clusterIP"):
            spec["clusterIP"] = before["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == before.get("clusterIP") and "clusterIPs" in before:
            spec["clusterIPs"] = before["clusterIPs"]
    if _needs_node_ports(spec) and _needs_node_ports(before):
        known = {(port.get("protocol"), port.get("port")): port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            found = known.get((port.get("protocol"), port.get("port")))
            if found and not port.get("nodePort"):
                port["nodePort"] = found
    if _needs_health_port(spec) and _needs_health_port(before) and before.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", before["healthCheckNodePort"])


def _drop_unneeded(spec: dict[str, Any], before: dict[str, Any]) -> None:
    """A change of type gives back what the new type has no use for, if the client left it as it was."""
    if not _needs_address(spec):
        for fields in (("clusterIP", "clusterIPs"), ("ipFamilies",), ("ipFamilyPolicy",)):
            if all((spec.get(field) or None) == (before.get(field) or None) for field in fields):
                for field in fields:
                    spec.pop(field, None)
    if spec.get("type") not in ("NodePort", "LoadBalancer") and before.get("type") in ("NodePort", "LoadBalancer"):
        kept = {port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") in kept:
                port.pop("nodePort", None)
        if spec.get("externalTrafficPolicy") == before.get("externalTrafficPolicy") and not spec.get("externalIPs"):
            spec.pop("externalTrafficPolicy", None)
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        spec.pop("allocateLoadBalancerNodePorts", None)
        spec.pop("loadBalancerClass", None)
    if not _needs_health_port(spec) and spec.get("healthCheckNodePort") == before.get("healthCheckNodePort"):
        spec.pop("healthCheckNodePort", None)


def _in_step(spec: dict[str, Any], before: dict[str, Any]) -> None:
    """Let `clusterIPs` follow `clusterIP`, for clients that know only the older field."""
    first, was = spec.get("clusterIP") or "", before.get("clusterIP") or ""
    same = (spec.get("clusterIPs") or []) == (before.get("clusterIPs") or [])
    if not before:
        if first and not spec.get("clusterIPs"):
            spec["clusterIPs"] = [first]
    elif first != was and same:
        if first:
            spec["clusterIPs"] = [first]
        else:
            spec.pop("clusterIPs", None)
