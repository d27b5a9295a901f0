"""Who holds what until when: leader election and node heartbeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    draft.setdefault("spec", {})


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), (obj.get("spec") or {}).get("holderIdentity") or "", age(obj, now)


KIND = Kind(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    plural="leases",
    namespaced=True,
    columns=(NAME, Column("Holder", about="spec.holderIdentity"), AGE),
    row=row,
    default=default,
)
