"""Limits on the sum of a namespace. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    status = obj.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    pairs = [(resource, f"{resource}: {used.get(resource, '0')}/{hard[resource]}") for resource in sorted(hard)]
    requests = ", ".join(text for resource, text in pairs if not resource.startswith("limits"))
    limits = ", ".join(text for resource, text in pairs if resource.startswith("limits"))
    return name(obj), requests, limits, age(obj, now)


KIND = Kind(
    group="",
    version="v1",
    kind="ResourceQuota",
    plural="resourcequotas",
    namespaced=True,
    short_names=("quota",),
    subresources=(status_subresource("ResourceQuota"),),
    has_status=True,
    columns=(
        NAME,
        Column(
            "Request",
            description="Request represents a minimum amount of cpu/memory that a container may consume.",
        ),
        Column(
            "Limit",
            description="Limits control the maximum amount of cpu/memory that a container may use"
            " independent of contention on the node.",
        ),
        AGE,
    ),
    row=row,
    prepare_create=prepare_create,
)
