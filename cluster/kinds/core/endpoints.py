"""The addresses behind a Service, all in one object; deprecated in favour of EndpointSlice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.kinds.validation.addresses import special_address
from cluster.kinds.validation.fields import Errors, port as port_errors, qualified, required_one_of, texts
from cluster.machinery.fielderrors import required
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_label, dns_subdomain, ip_address

_SHOWN = 3


def default(draft: Object) -> None:
    for subset in draft.get("subsets") or ():
        for port in subset.get("ports") or ():
            if not port.get("protocol"):
                port["protocol"] = "TCP"


def _socket(address: str, port: Any) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _listed(subsets: Sequence[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for subset in subsets:
        addresses = [one.get("ip", "") for one in subset.get("addresses") or ()]
        ports = subset.get("ports") or ()
        found += addresses if not ports else []
        for port in ports:
            found += [_socket(address, port.get("port")) for address in addresses]
    return found


def row(obj: Object, now: float) -> Sequence[Any]:
    subsets = obj.get("subsets") or ()
    listed = _listed(subsets)
    text = ",".join(listed[:_SHOWN])
    if len(listed) > _SHOWN:
        text += f" + {len(listed) - _SHOWN} more..."
    return name(obj), text if subsets else NONE, age(obj, now)


def validate(obj: Object) -> Errors:
    errors: Errors = []
    for index, subset in enumerate(obj.get("subsets") or ()):
        here = f"subsets[{index}]"
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            errors.append(required(here, "must specify `addresses` or `notReadyAddresses`"))
        for field in ("addresses", "notReadyAddresses"):
            for place, one in enumerate(subset.get(field) or ()):
                errors += _address(f"{here}.{field}[{place}]", one)
        ports = subset.get("ports") or ()
        for place, one in enumerate(ports):
            errors += _port_errors(f"{here}.ports[{place}]", one, named=len(ports) > 1)
    return errors


def _address(path: str, one: dict[str, Any]) -> Errors:
    address, hostname, node = one.get("ip") or "", one.get("hostname"), one.get("nodeName")
    errors = texts(f"{path}.ip", address, ip_address(address))
    errors += texts(f"{path}.hostname", hostname, dns_label(hostname)) if hostname else []
    errors += texts(f"{path}.nodeName", node, dns_subdomain(node)) if node is not None else []
    return errors + special_address(f"{path}.ip", address)


def _port_errors(path: str, one: dict[str, Any], *, named: bool) -> Errors:
    errors: Errors = []
    if named and not one.get("name"):
        errors.append(required(f"{path}.name"))
    elif one.get("name"):
        errors += texts(f"{path}.name", one["name"], dns_label(one["name"]))
    errors += port_errors(f"{path}.port", one.get("port") or 0)
    errors += required_one_of(f"{path}.protocol", one.get("protocol"), ("SCTP", "TCP", "UDP"))
    return errors + (qualified(f"{path}.appProtocol", one["appProtocol"]) if one.get("appProtocol") is not None else [])


KIND = Kind(
    group="",
    version="v1",
    kind="Endpoints",
    plural="endpoints",
    namespaced=True,
    short_names=("ep",),
    columns=(NAME, Column("Endpoints", about="subsets"), AGE),
    row=row,
    default=default,
    deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    metadata_checks=2,
    validate=validate,
)
