"""Which traffic pods accept and send. https://kubernetes.io/docs/concepts/services-networking/network-policies/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.networking.policyrules import validate
from cluster.kinds.printing import AGE, NAME, age, selector_text
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in (*(spec.get("ingress") or ()), *(spec.get("egress") or ())):
        for port in rule.get("ports") or ():
            if port.get("protocol") is None:
                port["protocol"] = "TCP"


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), selector_text((obj.get("spec") or {}).get("podSelector")), age(obj, now)


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="NetworkPolicy",
    plural="networkpolicies",
    namespaced=True,
    short_names=("netpol",),
    has_generation=True,
    columns=(NAME, Column("Pod-Selector", about="spec.podSelector"), AGE),
    row=row,
    default=default,
    judged_twice=True,
    metadata_checks=2,
    validate=validate,
)
