"""Checks of container and pod resources: names, amounts, requests against limits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cluster.kinds.validation.fields import Errors, required_one_of, texts
from cluster.machinery.fielderrors import (
    NOT_FOUND,
    FieldError,
    duplicate,
    forbidden_field,
    invalid_value,
    required,
    unsupported,
)
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


def container_resource_name(path: str, name: str) -> Errors:
    return texts(path, name, _name_texts(name))


def resource_name(path: str, name: str) -> Errors:
    """Check the name of anything that is counted."""
    found = list(key_errors(name))
    if not found and "/" not in name and name not in STANDARD and not name.startswith(_HUGE):
        found.append("must be a standard resource type or fully qualified")
    return texts(path, name, found)


def amount(path: str, name: str, value: Quantity, shown: Any) -> Errors:
    """Check that an amount is not negative, and whole where the resource cannot be divided."""
    errors: Errors = []
    if value.nanos < 0:
        errors.append(invalid_value(path, str(value), "must be greater than or equal to 0"))
    if is_extended(name) and value.nanos % NANO:
        errors.append(invalid_value(path, shown, "must be an integer"))
    return errors


def resources(path: str, given: dict[str, Any], claims: Sequence[str] = ()) -> Errors:
    """Check a container's `resources`; `claims` are the names of its pod's resource claims."""
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
    return errors + _claims(f"{path}.claims", given.get("claims") or [], claims)


def _claims(path: str, given: Sequence[dict[str, Any]], known: Sequence[str]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, claim in enumerate(given):
        here, name = f"{path}[{index}]", claim.get("name") or ""
        if not name:
            errors.append(required(here))
            continue
        if name in seen:
            errors.append(duplicate(here, name))
        seen.add(name)
        if name not in known:
            rest = f": {', '.join(sorted(known))}" if known else " which is empty"
            text = f"must be one of the names in pod.spec.resourceClaims{rest}"
            errors.append(FieldError(NOT_FOUND, here, name, text))
    return errors


_RESIZED = ("cpu", "memory")
_ON_RESIZE = ("NotRequired", "RestartContainer")


def resize_policies(path: str, given: Sequence[dict[str, Any]], restart_policy: str) -> Errors:
    """Check a container's `resizePolicy`. Most paths name the list, not the item, as in the real server."""
    errors: Errors = []
    seen: set[str] = set()
    for index, policy in enumerate(given):
        name, restart = policy.get("resourceName") or "", policy.get("restartPolicy") or ""
        if name in seen:
            errors.append(duplicate(f"{path}[{index}]", name))
        seen.add(name)
        errors += required_one_of(path, name, _RESIZED) + required_one_of(path, restart, _ON_RESIZE)
        if restart_policy == "Never" and restart != "NotRequired":
            text = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            errors.append(invalid_value(path, restart, text))
    return errors


def pod_resources(path: str, given: dict[str, Any], containers: Sequence[dict[str, Any]]) -> Errors:
    """Check a pod's own `resources` against those of its containers."""
    errors: Errors = []
    if given.get("claims"):
        errors.append(forbidden_field(f"{path}.claims", "claims cannot be set for Resources at pod-level"))
    for field in ("limits", "requests"):
        for name, value in (given.get(field) or {}).items():
            where = f"{path}.{field}[{name}]"
            if name not in _RESIZED and not name.startswith(_HUGE):
                errors.append(unsupported(where, name, (*_RESIZED, _HUGE)))
            errors += amount(where, name, parse(value), str(parse(value)))
    errors += _own_requests(path, given)
    return errors + _aggregate(f"{path}.requests", given.get("requests") or {}, containers)


def _own_requests(path: str, given: dict[str, Any]) -> Errors:
    errors: Errors = []
    limits = {name: parse(value) for name, value in (given.get("limits") or {}).items()}
    for name, value in (given.get("requests") or {}).items():
        if name in limits:
            errors += _against_limit(path, name, parse(value), limits[name])
    return errors


def _aggregate(path: str, requests: dict[str, Any], containers: Sequence[dict[str, Any]]) -> Errors:
    errors: Errors = []
    for name, value in requests.items():
        total = Quantity(0)
        for container in containers:
            total += parse(((container.get("resources") or {}).get("requests") or {}).get(name, "0"))
        if parse(value) < total:
            text = f"must be greater than or equal to aggregate container requests of {total}"
            errors.append(invalid_value(f"{path}[{name}]", str(parse(value)), text))
    return errors


def _one(path: str, name: str, value: Quantity) -> Errors:
    found = _name_texts(name)
    if not found and value.nanos >= 0 and name in _STANDARD_CONTAINER:
        return []
    return texts(path, name, found) + amount(path, name, value, str(value)) + _whole_pages(path, name, value)


def _whole_pages(path: str, name: str, value: Quantity) -> Errors:
    """Huge pages come whole."""
    if not name.startswith(_HUGE):
        return []
    try:
        page = parse(name.removeprefix(_HUGE))
    except ValueError:
        return []
    if page.nanos > 0 and value.nanos % page.nanos == 0:
        return []
    return [invalid_value(path, str(value), f"{value} is not positive integer multiple of {name}")]


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
