"""One cluster IP and the Service that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import NAME, age
from cluster.machinery.meta import Object, name


# The real server prints an age in the row and declares no column for it.
def row(obj: Object, now: float) -> Sequence[Any]:
    parent = (obj.get("spec") or {}).get("parentRef") or {}
    group = f".{parent['group']}" if parent.get("group") else ""
    parts = [f"{parent.get('resource', '')}{group}", parent.get("namespace"), parent.get("name")]
    return name(obj), "/".join(part for part in parts if part), age(obj, now)


KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="IPAddress",
    plural="ipaddresses",
    namespaced=False,
    short_names=("ip",),
    columns=(NAME, Column("ParentRef", about="spec.parentRef")),
    row=row,
)
