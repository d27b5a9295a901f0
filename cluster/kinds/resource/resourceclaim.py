"""A request for devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.resource.requests import default_claim_spec
from cluster.machinery.meta import Object, is_deleting, name


def default(draft: Object) -> None:
    default_claim_spec(draft.setdefault("spec", {}))


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def _state(obj: Object) -> str:
    status = obj.get("status") or {}
    words = ["deleted"] if is_deleting(obj) else []
    if not status.get("allocation"):
        return ",".join(words or ["pending"])
    words.append("allocated")
    words += ["reserved"] if status.get("reservedFor") else []
    return ",".join(words)


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), _state(obj), age(obj, now)


KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceClaim",
    plural="resourceclaims",
    namespaced=True,
    subresources=(status_subresource("ResourceClaim"),),
    has_status=True,
    columns=(
        NAME,
        Column("State", description="A summary of the current state (allocated, pending, reserved, etc.)."),
        AGE,
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
)
