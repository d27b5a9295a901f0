"""Limits on the sum of a namespace. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.resources import STANDARD, is_extended
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import IMMUTABLE, Errors, texts
from cluster.machinery.fielderrors import invalid_value, required
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
    return errors + _scopes(spec) + _selected(spec)


_COMPUTE = frozenset(
    {"cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory", "pods"},
)
_CLAIMS = frozenset({"persistentvolumeclaims", "requests.storage"})
# What each scope may be applied to.
_OF_SCOPE = {
    **dict.fromkeys(_SCOPES, _COMPUTE),
    "BestEffort": frozenset({"pods"}),
    "VolumeAttributesClass": _CLAIMS,
}
_PAIRS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def _standard(resource: str) -> bool:
    return resource in STANDARD


def _conflicting(path: str, named: set[str], shown: Any) -> Errors:
    return [invalid_value(path, shown, "conflicting scopes") for pair in _PAIRS if named >= set(pair)]


def _scopes(spec: Object) -> Errors:
    errors: Errors = []
    given = spec.get("scopes") or []
    for scope in given:
        if scope not in _SCOPES:
            errors.append(invalid_value("spec.scopes", given, "unsupported scope"))
        for resource in sorted(spec.get("hard") or ()):
            if _standard(resource) and resource not in _OF_SCOPE.get(scope, _COMPUTE | _CLAIMS | STANDARD):
                errors.append(invalid_value("spec.scopes", given, "unsupported scope applied to resource"))
    return errors + _conflicting("spec.scopes", set(given), given)


_ONLY_EXISTS = frozenset(_SCOPES) - {"PriorityClass", "VolumeAttributesClass"}
_EXISTS_TEXT = (
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def _selected(spec: Object) -> Errors:
    errors: Errors = []
    path = "spec.scopeSelector.matchExpressions"
    expressions = (spec.get("scopeSelector") or {}).get("matchExpressions") or []
    for expression in expressions:
        errors += _expression(path, expression)
    return errors + _conflicting(path, {one.get("scopeName") or "" for one in expressions}, spec.get("scopes"))


def _expression(path: str, expression: Object) -> Errors:
    scope, operator = expression.get("scopeName") or "", expression.get("operator") or ""
    values = expression.get("values") or []
    errors: Errors = []
    if scope not in _SCOPES:
        errors.append(invalid_value(f"{path}.scopeName", scope, "unsupported scope"))
    if scope in _ONLY_EXISTS and operator != "Exists":
        errors.append(invalid_value(f"{path}.operator", operator, _EXISTS_TEXT))
    if operator in ("In", "NotIn"):
        text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        return errors if values else [*errors, required(f"{path}.values", text)]
    if operator not in ("Exists", "DoesNotExist"):
        return [*errors, invalid_value(f"{path}.operator", operator, "not a valid selector operator")]
    text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    return [*errors, invalid_value(f"{path}.values", values, text)] if values else errors


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


def _same_scopes(new: list[str], old: list[str]) -> Errors:
    return [] if set(new) == set(old) else [invalid_value("spec.scopes", new, IMMUTABLE)]


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    return validate(new) + _same_scopes(spec.get("scopes") or [], before.get("scopes") or [])


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
