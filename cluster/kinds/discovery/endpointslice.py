"""Some of the addresses behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, UNSET, age
from cluster.kinds.validation.addresses import special_address
from cluster.kinds.validation.fields import Errors, immutable, one_of, qualified, texts
from cluster.machinery.cidr import parse_ip
from cluster.machinery.fielderrors import duplicate, invalid_value, required, too_many
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_label, dns_subdomain

_SHOWN = 3


def default(draft: Object) -> None:
    for port in draft.get("ports") or ():
        if port.get("name") is None:
            port["name"] = ""
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for endpoint in draft.get("endpoints") or ():
        endpoint.setdefault("conditions", {})
    draft.setdefault("endpoints", None)


def _listed(values: Sequence[Any]) -> str:
    if not values:
        return UNSET
    text = ",".join(str(value) for value in values[:_SHOWN])
    return f"{text} + {len(values) - _SHOWN} more..." if len(values) > _SHOWN else text


def row(obj: Object, now: float) -> Sequence[Any]:
    ports = [port.get("port") or port.get("name") or "*" for port in obj.get("ports") or ()]
    addresses = [one for endpoint in obj.get("endpoints") or () for one in endpoint.get("addresses") or ()]
    return name(obj), obj.get("addressType") or "", _listed(ports), _listed(addresses), age(obj, now)


_FAMILIES = {"IPv4": 4, "IPv6": 6}
_MOST, _MOST_ENDPOINTS = 100, 1000


def validate(obj: Object) -> Errors:
    kind = obj.get("addressType") or ""
    known = ("FQDN", "IPv4", "IPv6")
    errors: Errors = one_of("addressType", kind, known) if kind else [required("addressType")]
    endpoints = obj.get("endpoints") or []
    if len(endpoints) > _MOST_ENDPOINTS:
        return [*errors, too_many("endpoints", len(endpoints), _MOST_ENDPOINTS), *_ports(obj.get("ports") or [])]
    for index, endpoint in enumerate(endpoints):
        errors += _endpoint(f"endpoints[{index}]", kind, endpoint)
    return errors + _ports(obj.get("ports") or [])


def _ports(ports: list[dict[str, Any]]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, one in enumerate(ports):
        where, given = f"ports[{index}]", one.get("name") or ""
        errors += texts(f"{where}.name", given, dns_label(given)) if given else []
        if given in seen:
            errors.append(duplicate(f"{where}.name", given))
        seen.add(given)
        errors += one_of(f"{where}.protocol", one.get("protocol"), ("SCTP", "TCP", "UDP"))
        if one.get("appProtocol") is not None:
            errors += qualified(f"{where}.appProtocol", one["appProtocol"])
    return errors


def _endpoint(path: str, kind: str, endpoint: dict[str, Any]) -> Errors:
    addresses = endpoint.get("addresses") or []
    errors: Errors = [] if addresses else [required(f"{path}.addresses", "must contain at least 1 address")]
    if len(addresses) > _MOST:
        errors.append(too_many(f"{path}.addresses", len(addresses), _MOST))
    for index, address in enumerate(addresses):
        errors += _address(f"{path}.addresses[{index}]", kind, address)
    hostname, node = endpoint.get("hostname"), endpoint.get("nodeName")
    errors += texts(f"{path}.nodeName", node, dns_subdomain(node)) if node else []
    return errors + (texts(f"{path}.hostname", hostname, dns_label(hostname)) if hostname else [])


def _address(path: str, kind: str, address: str) -> Errors:
    family = _FAMILIES.get(kind)
    if family is None:
        return texts(path, address, dns_subdomain(address)) if kind == "FQDN" else []
    found = parse_ip(address)
    errors: Errors = []
    if found is None or found.version != family:
        errors.append(invalid_value(path, address, f"must be a valid {kind} address"))
    return errors + special_address(path, address)


def validate_update(new: Object, old: Object) -> Errors:
    return validate(new) + immutable("addressType", new.get("addressType"), old.get("addressType"))


KIND = Kind(
    group="discovery.k8s.io",
    version="v1",
    kind="EndpointSlice",
    plural="endpointslices",
    namespaced=True,
    has_generation=True,
    columns=(
        NAME,
        Column("AddressType", about="addressType"),
        Column("Ports", about="ports"),
        Column("Endpoints", about="endpoints"),
        AGE,
    ),
    row=row,
    default=default,
    validate=validate,
    validate_update=validate_update,
)
