"""Checks of Services, created and changed (`ValidateService`, `ValidateServiceUpdate`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.validation.addresses import ordinary_address
from cluster.kinds.validation.fields import (
    Errors,
    labels,
    one_of,
    port,
    port_or_name,
    qualified,
    required_one_of,
    texts,
)
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required
from cluster.machinery.meta import Object
from cluster.machinery.names import cidr, dns_label, dns_subdomain, ip_address

Spec = Mapping[str, Any]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_KUBELET = 10250
_DAY = 86400


def validate(service: Object) -> Errors:
    spec = service.get("spec") or {}
    kind, ports = spec.get("type"), spec.get("ports") or []
    headless = (spec.get("clusterIPs") or [spec.get("clusterIP")])[0] == "None"
    errors: Errors = []
    if not ports and not headless and kind != "ExternalName":
        errors.append(required("spec.ports"))
    errors += _by_type(spec, ports, headless)
    errors += _ports(ports)
    errors += labels("spec.selector", spec.get("selector"))
    errors += _affinity(spec) + _addresses(spec)
    errors += required_one_of("spec.type", kind, _TYPES)
    if kind == "ClusterIP":
        for index, one in enumerate(ports):
            if one.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                errors.append(forbidden_field(f"spec.ports[{index}].nodePort", text))
    return errors + _doubled(ports) + _load_balancer(spec) + _policies(spec)


def _by_type(spec: Spec, ports: list[Spec], headless: bool) -> Errors:
    kind = spec.get("type")
    errors: Errors = []
    if kind == "LoadBalancer":
        for index, one in enumerate(ports):
            if one.get("port") == _KUBELET:
                text = f"may not expose port {_KUBELET} externally since it is used by kubelet"
                errors.append(invalid_value(f"spec.ports[{index}].port", _KUBELET, text))
    if kind in ("LoadBalancer", "NodePort") and headless:
        text = f"may not be set to 'None' for {kind} services"
        errors.append(invalid_value("spec.clusterIPs[0]", "None", text))
    if kind == "ExternalName":
        if spec.get("clusterIPs"):
            errors.append(forbidden_field("spec.clusterIPs", "may not be set for ExternalName services"))
        name = (spec.get("externalName") or "").removesuffix(".")
        errors += texts("spec.externalName", name, dns_subdomain(name)) if name else [required("spec.externalName")]
    return errors


def _ports(ports: list[Spec]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, one in enumerate(ports):
        here, name = f"spec.ports[{index}]", one.get("name") or ""
        if not name and len(ports) > 1:
            errors.append(required(f"{here}.name"))
        elif name:
            errors += texts(f"{here}.name", name, dns_label(name))
            if name in seen:
                errors.append(duplicate(f"{here}.name", name))
            seen.add(name)
        errors += port(f"{here}.port", one.get("port") or 0)
        errors += required_one_of(f"{here}.protocol", one.get("protocol"), _PROTOCOLS)
        errors += port_or_name(f"{here}.targetPort", one.get("targetPort", 0))
        if one.get("appProtocol") is not None:
            errors += qualified(f"{here}.appProtocol", one["appProtocol"])
    return errors


def _affinity(spec: Spec) -> Errors:
    affinity = spec.get("sessionAffinity")
    errors = required_one_of("spec.sessionAffinity", affinity, ("ClientIP", "None"))
    config = spec.get("sessionAffinityConfig")
    path = "spec.sessionAffinityConfig"
    if affinity == "ClientIP":
        seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
        if seconds is not None and not 0 < seconds <= _DAY:
            text = f"must be greater than 0 and less than {_DAY}"
            errors.append(invalid_value(f"{path}.clientIP.timeoutSeconds", seconds, text))
    elif affinity == "None" and config is not None:
        text = "must not be set when session affinity is None"
        errors.append(forbidden_field(path, text))
    return errors


def _addresses(spec: Spec) -> Errors:
    errors: Errors = []
    for index, address in enumerate(spec.get("clusterIPs") or ()):
        if address not in ("None", ""):
            errors += texts(f"spec.clusterIPs[{index}]", address, ip_address(address))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        errors += one_of(f"spec.ipFamilies[{index}]", family, ("IPv4", "IPv6"))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None:
        errors += one_of("spec.ipFamilyPolicy", policy, ("PreferDualStack", "RequireDualStack", "SingleStack"))
    for index, address in enumerate(spec.get("externalIPs") or ()):
        errors += ordinary_address(f"spec.externalIPs[{index}]", address)
    return errors


def _doubled(ports: list[Spec]) -> Errors:
    errors: Errors = []
    nodes: set[tuple[Any, Any]] = set()
    for index, one in enumerate(ports):
        key = (one.get("protocol"), one.get("nodePort"))
        if key[1]:
            if key in nodes:
                errors.append(duplicate(f"spec.ports[{index}].nodePort", key[1]))
            nodes.add(key)
    seen: set[tuple[Any, Any]] = set()
    for index, one in enumerate(ports):
        key = (one.get("protocol"), one.get("port"))
        if key in seen:
            shown = internal("ServicePort", {"protocol": key[0], "port": key[1], "targetPort": 0})
            errors.append(duplicate(f"spec.ports[{index}]", shown))
        seen.add(key)
    return errors


def _load_balancer(spec: Spec) -> Errors:
    kind = spec.get("type")
    errors: Errors = []
    ranges = spec.get("loadBalancerSourceRanges") or ()
    if ranges and kind != "LoadBalancer":
        text = "may only be used when `type` is 'LoadBalancer'"
        errors.append(forbidden_field("spec.LoadBalancerSourceRanges", text))
    for index, one in enumerate(ranges):
        errors += texts(f"spec.LoadBalancerSourceRanges[{index}]", one, cidr(one.strip()))
    for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
        if spec.get(field) is not None and kind != "LoadBalancer":
            text = "may only be used when `type` is 'LoadBalancer'"
            errors.append(forbidden_field(f"spec.{field}", text))
    return errors


def _policies(spec: Spec) -> Errors:
    kind = spec.get("type")
    errors: Errors = []
    external, internal_ = spec.get("externalTrafficPolicy"), spec.get("internalTrafficPolicy")
    outside = kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and spec.get("externalIPs"))
    if external and not outside:
        text = "may only be set for externally-accessible services"
        errors.append(invalid_value("spec.externalTrafficPolicy", external, text))
    elif outside:
        errors += required_one_of("spec.externalTrafficPolicy", external, ("Cluster", "Local"))
    check = spec.get("healthCheckNodePort")
    if check and not (kind == "LoadBalancer" and external == "Local"):
        text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(invalid_value("spec.healthCheckNodePort", check, text))
    if internal_ is not None:
        errors += one_of("spec.internalTrafficPolicy", internal_, ("Cluster", "Local"))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors: Errors = []
    kept = "ExternalName" not in (spec.get("type"), before.get("type"))
    address, previous = spec.get("clusterIP"), before.get("clusterIP")
    if kept and previous and address != previous:
        addresses = [address, *(spec.get("clusterIPs") or ())[1:]] if address else spec.get("clusterIPs")
        errors.append(invalid_value("spec.clusterIPs[0]", addresses, "may not change once set"))
    return errors + validate(new)


def warnings(new: Object, old: Object | None) -> list[str]:
    """Return what a headless service ignores."""
    spec = new.get("spec") or {}
    if (spec.get("clusterIPs") or [spec.get("clusterIP")])[0] != "None":
        return []
    ignored = [field for field in ("loadBalancerIP", "externalIPs") if spec.get(field)]
    ignored += ["SessionAffinity"] if spec.get("sessionAffinity") not in (None, "None") else []
    return [f"spec.{field} is ignored for headless services" for field in ignored]
