"""A stable name and address for a set of pods. https://kubernetes.io/docs/concepts/services-networking/service/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.core.servicedefaults import default
from cluster.kinds.core.servicerules import validate, validate_update, warnings
from cluster.kinds.kind import Column, Kind, Subresource, name_fields, status_subresource
from cluster.kinds.printing import AGE, NAME, NONE, age, labels_text, wide
from cluster.machinery.meta import Object, name


def prepare_create(draft: Object) -> None:
    draft["status"] = {"loadBalancer": {}}


def fields(obj: Object) -> dict[str, str]:
    spec = obj.get("spec") or {}
    return {**name_fields(obj), "spec.clusterIP": spec.get("clusterIP") or "", "spec.type": spec.get("type") or ""}


def _external(obj: Object) -> str:
    spec = obj.get("spec") or {}
    given = list(spec.get("externalIPs") or ())
    kind = spec.get("type")
    if kind == "ExternalName":
        return str(spec.get("externalName", ""))
    if kind != "LoadBalancer":
        return ",".join(given) or NONE
    points = ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    reached = [point.get("ip") or point.get("hostname") or "" for point in points]
    return ",".join(reached + given) or "<pending>"


def _ports(ports: Sequence[dict[str, Any]]) -> str:
    listed = []
    for port in ports:
        outside = f":{port['nodePort']}" if port.get("nodePort") else ""
        listed.append(f"{port.get('port')}{outside}/{port.get('protocol')}")
    return ",".join(listed) or NONE


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    addresses = spec.get("clusterIPs") or ()
    return (
        name(obj),
        spec.get("type") or "",
        addresses[0] if addresses else NONE,
        _external(obj),
        _ports(spec.get("ports") or ()),
        age(obj, now),
        labels_text(spec.get("selector")),
    )


KIND = Kind(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    namespaced=True,
    short_names=("svc",),
    categories=("all",),
    subresources=(
        Subresource("proxy", "ServiceProxyOptions", ("create", "delete", "get", "patch", "update")),
        status_subresource("Service"),
    ),
    has_status=True,
    name_rule="label",
    columns=(
        NAME,
        Column("Type", about="spec.type"),
        Column("Cluster-IP", about="spec.clusterIP"),
        Column("External-IP", about="spec.externalIPs"),
        Column("Port(s)", about="spec.ports"),
        AGE,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    metadata_checks=2,
    validate=validate,
    warnings=warnings,
    validate_update=validate_update,
)
