"""Limits on the sum of a namespace. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.resources import STANDARD, is_extended
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, immutable, texts
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.labels import key_errors
from cluster.machinery.meta import Object, name
from cluster.machinery.quantity import parse


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    status = obj.get("status") or {}
    hard, used = status.get("hard") or {}, status.get("used") or {}
    pairs = [(resource, f"{resource}: {used.get(resource, '0')}/{hard[resource]}") for resource in sorted(hard)]
    requests = ", ".join(text for resource, text in pairs if not resource.startswith("limits"))
    limits = ", ".join(text for resource, text in pairs if resource.startswith("limits"))
    return name(obj), requests, limits, age(obj, now)


_SCOPES = (
    *("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"),
    "VolumeAttributesClass",
)


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    errors: Errors = []
    for resource, amount in sorted((spec.get("hard") or {}).items()):
        path = f"spec.hard[{resource}]"
        errors += _resource_name(path, resource)
        value = parse(amount)
        if value.nanos < 0:
            errors.append(invalid_value(path, str(value), "must be greater than or equal to 0"))
        if (is_extended(resource) or resource in _COUNTED or resource.startswith("count/")) and value.nanos % 10**9:
            errors.append(invalid_value(path, str(value), "must be an integer"))
    for scope in spec.get("scopes") or ():
        if scope not in _SCOPES:
            errors.append(invalid_value("spec.scopes", spec["scopes"], "unsupported scope"))
    return errors


_COUNTED = frozenset(
    {
        *("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"),
        *("persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
    }
)


def _resource_name(path: str, resource: str) -> Errors:
    found = texts(path, resource, key_errors(resource))
    if "/" not in resource and resource not in STANDARD and "hugepages-" not in resource:
        found.append(invalid_value(path, resource, "must be a standard resource type or fully qualified"))
        found.append(invalid_value(path, resource, "must be a standard resource for quota"))
    return found


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    return validate(new) + immutable("spec.scopes", spec.get("scopes"), before.get("scopes"))


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
    validate=validate,
    validate_update=validate_update,
)
