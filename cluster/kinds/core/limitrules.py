"""LimitRanges: defaults that follow from the limits given, and checks that they agree."""

from __future__ import annotations

from typing import Any

from cluster.kinds.podspec.resources import allows_overcommit, container_resource_name, resource_name
from cluster.kinds.validation.fields import Errors, qualified
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required
from cluster.machinery.meta import Object
from cluster.machinery.quantity import Quantity, parse


def default(draft: Object) -> None:
    for item in (draft.get("spec") or {}).get("limits") or ():
        if item.get("type") == "Container":
            _default_container(item)


def _default_container(item: dict[str, Any]) -> None:
    """The default limit follows the maximum, the default request the default limit and then the minimum."""
    given = {field: dict(item.get(field) or {}) for field in ("default", "defaultRequest", "max", "min")}
    for name, amount in given["max"].items():
        given["default"].setdefault(name, amount)
    for name, amount in given["default"].items():
        given["defaultRequest"].setdefault(name, amount)
    for name, amount in given["min"].items():
        given["defaultRequest"].setdefault(name, amount)
    for field in ("default", "defaultRequest"):
        if given[field]:
            item[field] = given[field]


def validate(obj: Object) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, item in enumerate((obj.get("spec") or {}).get("limits") or ()):
        path, kind = f"spec.limits[{index}]", item.get("type") or ""
        errors += _type(f"{path}.type", kind)
        if kind in seen:
            errors.append(duplicate(f"{path}.type", kind))
        seen.add(kind)
        errors += _item(path, kind, item)
    return errors


_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_COMPUTE = ("Pod", "Container")


def _type(path: str, kind: str) -> Errors:
    errors = qualified(path, kind)
    if errors or "/" in kind or kind in _TYPES:
        return errors
    return [invalid_value(path, kind, "must be a standard limit type or fully qualified")]


def _names(path: str, kind: str, item: dict[str, Any], *fields: str) -> Errors:
    check = container_resource_name if kind in _COMPUTE else resource_name
    errors: Errors = []
    for field in fields:
        for name in item.get(field) or ():
            errors += check(f"{path}.{field}[{name}]", name)
    return errors


def _item(path: str, kind: str, item: dict[str, Any]) -> Errors:
    errors = _names(path, kind, item, "max", "min")
    if kind == "Pod":
        for field in ("default", "defaultRequest"):
            if item.get(field):
                errors.append(forbidden_field(f"{path}.{field}", "may not be specified when `type` is 'Pod'"))
    else:
        errors += _names(path, kind, item, "default", "defaultRequest")
    if kind == "PersistentVolumeClaim" and "storage" not in {**(item.get("min") or {}), **(item.get("max") or {})}:
        text = "either minimum or maximum storage value is required, but neither was provided"
        errors.append(required(f"{path}.limits", text))
    errors += _names(path, kind, item, "maxLimitRequestRatio")
    fields = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
    amounts = {field: {name: parse(value) for name, value in (item.get(field) or {}).items()} for field in fields}
    for name in sorted({name for one in amounts.values() for name in one}):
        errors += _ordered(path, name, {field: one.get(name) for field, one in amounts.items()})
    return errors


def _ordered(path: str, name: str, given: dict[str, Quantity | None]) -> Errors:
    errors: Errors = []
    pairs = (
        ("min", "max", "min", "min value {} is greater than max value {}"),
        ("min", "defaultRequest", "defaultRequest", "min value {} is greater than default request value {}"),
        ("defaultRequest", "max", "defaultRequest", "default request value {} is greater than max value {}"),
        (
            "defaultRequest",
            "default",
            "defaultRequest",
            "default request value {} is greater than default limit value {}",
        ),
        ("min", "default", "default", "min value {} is greater than default value {}"),
        ("default", "max", "default", "default value {} is greater than max value {}"),
    )
    for smaller, larger, field, text in pairs:
        low, high = given[smaller], given[larger]
        if low is not None and high is not None and low > high:
            # Of a default that is out of bounds the real server shows the bound.
            shown = given[larger if smaller == "default" else smaller] if field == "default" else given[field]
            errors.append(invalid_value(f"{path}.{field}[{name}]", str(shown), text.format(low, high)))
    ratio = given["maxLimitRequestRatio"]
    if ratio is not None and ratio.milli_value < 1000:
        text = f"ratio {ratio} is less than 1"
        errors.append(invalid_value(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), text))
    return errors + _possible_ratio(path, name, given) + _no_overcommit(path, name, given)


def _possible_ratio(path: str, name: str, given: dict[str, Quantity | None]) -> Errors:
    ratio, low, high = (given[field] for field in ("maxLimitRequestRatio", "min", "max"))
    if ratio is None or low is None or high is None or low.nanos <= 0:
        return []
    most = high.nanos / low.nanos
    if ratio.milli_value / 1000 <= most:
        return []
    text = f"ratio {ratio} is greater than max/min = {most:f}"
    return [invalid_value(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), text)]


def _no_overcommit(path: str, name: str, given: dict[str, Quantity | None]) -> Errors:
    limit, request = given["default"], given["defaultRequest"]
    if allows_overcommit(name) or limit is None or request is None or limit.nanos == request.nanos:
        return []
    text = f"default value {limit} must equal to defaultRequest value {request} in {name}"
    return [invalid_value(f"{path}.defaultRequest[{name}]", str(request), text)]
