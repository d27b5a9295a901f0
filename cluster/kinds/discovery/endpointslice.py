"""Some of the addresses behind a Service. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, UNSET, age
from cluster.machinery.meta import Object, name

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
)
