"""LimitRanges: defaults that follow from the limits given, and checks that they agree."""

from __future__ import annotations

from typing import Any

from cluster.kinds.validation.fields import Errors
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
        if not kind:
            errors.append(required(f"{path}.type"))
        if kind in seen:
            errors.append(duplicate(f"{path}.type", kind))
        seen.add(kind)
        errors += _item(path, kind, item)
    return errors


def _item(path: str, kind: str, item: dict[str, Any]) -> Errors:
    errors: Errors = []
    if kind == "Pod":
        for field in ("default", "defaultRequest"):
            if item.get(field):
                errors.append(forbidden_field(f"{path}.{field}", "may not be specified when `type` is 'Pod'"))
    if kind == "PersistentVolumeClaim" and "storage" not in {**(item.get("min") or {}), **(item.get("max") or {})}:
        text = "either minimum or maximum storage value is required, but neither was provided"
        errors.append(required(f"{path}.limits", text))
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
            errors.append(invalid_value(f"{path}.{field}[{name}]", str(given[field]), text.format(low, high)))
    ratio = given["maxLimitRequestRatio"]
    if ratio is not None and ratio.milli_value < 1000:
        text = f"ratio {ratio} is less than 1"
        errors.append(invalid_value(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), text))
    return errors
