"""The health of scheduler, controller manager and etcd; deprecated, computed when asked and never stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import NAME
from cluster.machinery.meta import Object, name


def row(obj: Object, now: float) -> Sequence[Any]:
    status, message, error = "Unknown", "", ""
    for condition in obj.get("conditions") or ():
        if condition.get("type") == "Healthy":
            status = "Healthy" if condition.get("status") == "True" else "Unhealthy"
            message, error = condition.get("message") or "", condition.get("error") or ""
    return name(obj), status, message, error


KIND = Kind(
    group="",
    version="v1",
    kind="ComponentStatus",
    plural="componentstatuses",
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    stored=False,
    columns=(
        NAME,
        Column("Status", description="Status of the component conditions"),
        Column("Message", description="Message of the component conditions"),
        Column("Error", description="Error of the component conditions"),
    ),
    row=row,
)
