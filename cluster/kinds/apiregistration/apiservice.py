"""Who serves one API group version: this server, or one behind a Service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    service = draft.setdefault("spec", {}).get("service")
    if service is not None and service.get("port") is None:
        service["port"] = 443
    draft.setdefault("status", {})


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def _available(obj: Object) -> str:
    for condition in (obj.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "Available":
            status = str(condition.get("status"))
            return status if status == "True" else f"{status} ({condition.get('reason', '')})"
    return "Unknown"


def row(obj: Object, now: float) -> Sequence[Any]:
    service = (obj.get("spec") or {}).get("service")
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    return name(obj), where, _available(obj), age(obj, now)


KIND = Kind(
    group="apiregistration.k8s.io",
    version="v1",
    kind="APIService",
    plural="apiservices",
    namespaced=False,
    categories=("api-extensions",),
    subresources=(status_subresource("APIService"),),
    has_status=True,
    name_rule="path",
    columns=(
        NAME,
        Column("Service", description="The reference to the service that hosts this API endpoint."),
        Column("Available", description="Whether this service is available."),
        AGE,
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
)
