"""A range that cluster IPs are taken from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), ",".join((obj.get("spec") or {}).get("cidrs") or ()), age(obj, now)


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="ServiceCIDR",
    plural="servicecidrs",
    namespaced=False,
    subresources=(status_subresource("ServiceCIDR"),),
    has_status=True,
    columns=(NAME, Column("CIDRs", about="spec.cidrs"), AGE),
    row=row,
    prepare_create=prepare_create,
)
