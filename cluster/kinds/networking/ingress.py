"""HTTP routes into the cluster. https://kubernetes.io/docs/concepts/services-networking/ingress/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.networking.ingressrules import validate_new, validate_update, warnings
from cluster.kinds.printing import AGE, NAME, NONE, age
from cluster.machinery.meta import Object, name

_SHOWN = 3


def prepare_create(draft: Object) -> None:
    draft["status"] = {"loadBalancer": {}}


def default(draft: Object) -> None:
    draft.setdefault("spec", {})
    draft.setdefault("status", {}).setdefault("loadBalancer", {})


def _hosts(rules: Sequence[dict[str, Any]]) -> str:
    hosts: list[str] = []
    more = False
    for rule in rules:
        more = more or len(hosts) == _SHOWN
        if not more and rule.get("host"):
            hosts.append(rule["host"])
    if not hosts:
        return "*"
    return ",".join(hosts) + (f" + {len(rules) - _SHOWN} more..." if more else "")


def _addresses(status: dict[str, Any]) -> str:
    points = (status.get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(point.get("ip") or point.get("hostname") or "" for point in points)


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    return (
        name(obj),
        spec.get("ingressClassName") or NONE,
        _hosts(spec.get("rules") or ()),
        _addresses(obj.get("status") or {}),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    )


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="Ingress",
    plural="ingresses",
    namespaced=True,
    short_names=("ing",),
    subresources=(status_subresource("Ingress"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column(
            "Class",
            description="The name of the IngressClass resource that should be used for additional configuration",
        ),
        Column("Hosts", description="Hosts that incoming requests are matched against before the ingress rule"),
        Column("Address", description="Address is a list containing ingress points for the load-balancer"),
        Column("Ports", description="Ports of TLS configurations that open"),
        AGE,
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    metadata_checks=2,
    validate=validate_new,
    validate_update=validate_update,
    warnings=warnings,
)
