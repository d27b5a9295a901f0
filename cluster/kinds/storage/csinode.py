"""The storage drivers of one node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    for driver in draft.setdefault("spec", {}).setdefault("drivers", []) or ():
        driver.setdefault("topologyKeys", None)


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), len((obj.get("spec") or {}).get("drivers") or ()), age(obj, now)


KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSINode",
    plural="csinodes",
    namespaced=False,
    columns=(
        NAME,
        Column("Drivers", "integer", description="Drivers indicates the number of CSI drivers registered on the node"),
        AGE,
    ),
    row=row,
    default=default,
)
