"""Devices that a driver offers on a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, name_fields
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def fields(obj: Object) -> dict[str, str]:
    spec = obj.get("spec") or {}
    return {**name_fields(obj), "spec.nodeName": spec.get("nodeName") or "", "spec.driver": spec.get("driver") or ""}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    pool = (spec.get("pool") or {}).get("name") or ""
    return name(obj), spec.get("nodeName") or "", spec.get("driver") or "", pool, age(obj, now)


KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceSlice",
    plural="resourceslices",
    namespaced=False,
    has_generation=True,
    columns=(
        NAME,
        Column("Node", about="spec.nodeName"),
        Column("Driver", about="spec.driver"),
        Column("Pool", about="spec.pool.name"),
        AGE,
    ),
    row=row,
    fields=fields,
)
