"""Fields that hold a number or a percentage: `maxSurge: 1`, `maxSurge: 25%` (apimachinery `util/intstr`)."""

from __future__ import annotations

import re
from typing import Any

_PERCENT = re.compile(r"^[0-9]+%$")


def is_percent(value: Any) -> bool:
    """Return whether `value` is a well-formed percentage."""
    return isinstance(value, str) and _PERCENT.match(value) is not None


def percent(value: Any) -> int:
    """Return 25 for `25%`; ValueError otherwise."""
    if not is_percent(value):
        raise ValueError(f"invalid value for IntOrString: {value!r} is not a percentage")
    return int(value[:-1])


def scaled(value: Any, total: int, *, round_up: bool) -> int:
    """Return the number itself, or that share of `total`."""
    if isinstance(value, int):
        return value
    share = percent(value) * total
    return -(-share // 100) if round_up else share // 100


def is_zero(value: Any) -> bool:
    """Return whether `value` is 0 or a percentage of 0."""
    return value == 0 or (is_percent(value) and percent(value) == 0)
