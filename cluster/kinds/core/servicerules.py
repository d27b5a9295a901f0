"""Checks of Services, created and changed (`ValidateService`, `ValidateServiceUpdate`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.core.clusterips import cluster_ips, cluster_ips_update, is_headless
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
from cluster.machinery.meta import Object, meta
from cluster.machinery.names import cidr, dns_label, dns_subdomain

Spec = Mapping[str, Any]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_PROTOCOLS = ("SCTP", "TCP", "UDP")
_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
_HINTS, _MODE = "service.kubernetes.io/topology-aware-hints", "service.kubernetes.io/topology-mode"
_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
_ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'"
_NOT_FOR_NAMES = "may not be set for ExternalName services"
_FAMILY_FIELDS = ("ipFamilies", "ipFamilyPolicy")
_KUBELET = 10250
_DAY = 86400


def validate(service: Object) -> Errors:
    spec = service.get("spec") or {}
    kind, ports = spec.get("type"), spec.get("ports") or []
    headless = is_headless(spec)
    errors: Errors = _topology(service)
    if not ports and not headless and kind != "ExternalName":
        errors.append(required("spec.ports"))
    errors += _by_type(spec, ports, headless)
    errors += _ports(ports)
    errors += labels("spec.selector", spec.get("selector"))
    errors += _affinity(spec) + cluster_ips(spec) + _external(spec)
    errors += required_one_of("spec.type", kind, _TYPES)
    if kind == "ClusterIP":
        for index, one in enumerate(ports):
            if one.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                errors.append(forbidden_field(f"spec.ports[{index}].nodePort", text))
    errors += _doubled(ports) + _source_ranges(service, spec) + _load_balancer(spec) + _policies(spec)
    return errors + _distribution(spec)


def _topology(service: Object) -> Errors:
    annotations = meta(service).get("annotations") or {}
    hints, mode = annotations.get(_HINTS), annotations.get(_MODE)
    if hints is None or mode is None or hints == mode:
        return []
    text = f"must match annotations[{_HINTS}] when both are specified"
    return [invalid_value(f"metadata.annotations[{_MODE}]", mode, text)]


def _distribution(spec: Spec) -> Errors:
    given = spec.get("trafficDistribution")
    return [] if given is None else one_of("spec.trafficDistribution", given, _DISTRIBUTIONS)


def _by_type(spec: Spec, ports: list[Spec], headless: bool) -> Errors:
    kind = spec.get("type")
    errors: Errors = []
    if kind == "LoadBalancer":
        for index, one in enumerate(ports):
            if one.get("port") == _KUBELET:
                text = f"may not expose port {_KUBELET} externally since it is used by kubelet"
                errors.append(invalid_value(f"spec.ports[{index}]", _KUBELET, text))
    if kind in ("LoadBalancer", "NodePort") and headless:
        text = f"may not be set to 'None' for {kind} services"
        errors.append(invalid_value("spec.clusterIPs[0]", "None", text))
    if kind == "ExternalName":
        if spec.get("clusterIPs"):
            errors.append(forbidden_field("spec.clusterIPs", _NOT_FOR_NAMES))
        errors += [forbidden_field(f"spec.{field}", _NOT_FOR_NAMES) for field in _FAMILY_FIELDS if spec.get(field)]
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


def _external(spec: Spec) -> Errors:
    errors: Errors = []
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
    errors: Errors = []
    kind, name = spec.get("type"), spec.get("loadBalancerClass")
    for field in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
        if spec.get(field) is not None and kind != "LoadBalancer":
            errors.append(forbidden_field(f"spec.{field}", _ONLY_BALANCERS))
    if name is not None and kind == "LoadBalancer":
        errors += qualified("spec.loadBalancerClass", name)
    return errors


def _source_ranges(service: Object, spec: Spec) -> Errors:
    """Check the ranges that may reach a load balancer, by the field or else by the older annotation."""
    ranges = spec.get("loadBalancerSourceRanges") or ()
    annotations = meta(service).get("annotations") or {}
    if not ranges and _RANGES not in annotations:
        return []
    old = annotations.get(_RANGES, "").strip()
    path = "spec.LoadBalancerSourceRanges" if ranges else f"metadata.annotations[{_RANGES}]"
    errors: Errors = []
    if spec.get("type") != "LoadBalancer":
        errors.append(forbidden_field(path, _ONLY_BALANCERS))
    for index, one in enumerate(ranges or (old.split(",") if old else ())):
        where, bare = f"{path}[{index}]" if ranges else path, one.strip()
        errors += texts(where, bare, cidr(bare))
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
    errors = cluster_ips_update(spec, before) + _load_balancer_class(spec, before)
    if _checked(spec) and _checked(before) and spec.get("healthCheckNodePort") != before.get("healthCheckNodePort"):
        errors.append(forbidden_field("spec.healthCheckNodePort", "field is immutable"))
    return errors + validate(new)


def _checked(spec: Spec) -> bool:
    """Return whether load balancers ask the nodes if they have endpoints."""
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _load_balancer_class(spec: Spec, before: Spec) -> Errors:
    """Check that the class stays as long as the Service stays a load balancer."""
    if before.get("type") != "LoadBalancer" or spec.get("type") != "LoadBalancer":
        return []
    given, was = spec.get("loadBalancerClass"), before.get("loadBalancerClass")
    return [] if given == was else [invalid_value("spec.loadBalancerClass", given, "may not change once set")]


def warnings(new: Object, old: Object | None) -> list[str]:
    """Return what a headless service ignores."""
    spec = new.get("spec") or {}
    if not is_headless(spec):
        return []
    ignored = [field for field in ("loadBalancerIP", "externalIPs") if spec.get(field)]
    ignored += ["SessionAffinity"] if spec.get("sessionAffinity") not in (None, "None") else []
    return [f"spec.{field} is ignored for headless services" for field in ignored]
