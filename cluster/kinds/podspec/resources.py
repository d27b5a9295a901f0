"""Checks of container and pod resources: names, amounts, requests against limits."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cluster.kinds.validation.fields import Errors, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.labels import key_errors
from cluster.machinery.quantity import NANO, Quantity, parse

_STANDARD_CONTAINER = frozenset({"cpu", "memory", "ephemeral-storage"})
STANDARD = _STANDARD_CONTAINER | {
    *("storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets"),
    *("configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"),
    *("requests.cpu", "requests.memory", "requests.storage", "requests.ephemeral-storage"),
    *("limits.cpu", "limits.memory", "limits.ephemeral-storage"),
}
_HUGE = "hugepages-"
_NATIVE = "kubernetes.io/"


def is_native(name: str) -> bool:
    return "/" not in name or _NATIVE in name


def is_extended(name: str) -> bool:
    """Return whether `name` is a resource of somebody's own, such as `example.com/gpu`."""
    return not is_native(name) and not name.startswith("requests.") and not key_errors(f"requests.{name}")


def allows_overcommit(name: str) -> bool:
    return is_native(name) and not name.startswith(_HUGE)


@lru_cache(maxsize=1024)
def _name_texts(name: str) -> tuple[str, ...]:
    found = list(key_errors(name))
    if found:
        return tuple(found)
    if "/" not in name:
        known = name.startswith(_HUGE)
        if name not in STANDARD and not known:
            found.append("must be a standard resource type or fully qualified")
        if name not in _STANDARD_CONTAINER and not known:
            found.append("must be a standard resource for containers")
    elif not is_native(name) and not is_extended(name):
        found.append("doesn't follow extended resource name standard")
    return tuple(found)


def amount(path: str, name: str, value: Quantity, shown: Any) -> Errors:
    """Check that an amount is not negative, and whole where the resource cannot be divided."""
    errors: Errors = []
    if value.nanos < 0:
        errors.append(invalid_value(path, str(value), "must be greater than or equal to 0"))
    if is_extended(name) and value.nanos % NANO:
        errors.append(invalid_value(path, shown, "must be an integer"))
    return errors


def resources(path: str, given: dict[str, Any]) -> Errors:
    """Check a container's `resources`."""
    if not given:
        return []
    errors: Errors = []
    limits = {name: parse(value) for name, value in (given.get("limits") or {}).items()}
    requests = {name: parse(value) for name, value in (given.get("requests") or {}).items()}
    for name, value in limits.items():
        errors += _one(f"{path}.limits[{name}]", name, value)
    for name, value in requests.items():
        errors += _one(f"{path}.requests[{name}]", name, value)
        errors += _against_limit(path, name, value, limits.get(name))
    named = {*limits, *requests}
    if any(name.startswith(_HUGE) for name in named) and not named & {"cpu", "memory"}:
        errors.append(forbidden_field(path, "HugePages require cpu or memory"))
    return errors


def _one(path: str, name: str, value: Quantity) -> Errors:
    found = _name_texts(name)
    if not found and value.nanos >= 0 and name in _STANDARD_CONTAINER:
        return []
    return texts(path, name, found) + amount(path, name, value, str(value))


def _against_limit(path: str, name: str, value: Quantity, limit: Quantity | None) -> Errors:
    if limit is None:
        if allows_overcommit(name):
            return []
        return [required(f"{path}.limits", "Limit must be set for non overcommitable resources")]
    if value.nanos != limit.nanos and not allows_overcommit(name):
        text = f"must be equal to {name} limit of {limit}"
    elif value.nanos > limit.nanos:
        text = f"must be less than or equal to {name} limit of {limit}"
    else:
        return []
    return [invalid_value(f"{path}.requests", str(value), text)]
