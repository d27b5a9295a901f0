"""Expected values of fields: a plain value for equality, or one operator and its operand.

    .spec.replicas: 3
    .status.readyReplicas: {gte: 2}
    .spec.template.spec.containers[0].image: {matches: "^nginx:1\\.2"}

Operators: gte, lte, not, in, matches, contains, exists, count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.runtime.view import fields_at

Operator = Callable[[Sequence[Any], Any], bool]


def _any(found: Sequence[Any], test: Callable[[Any], bool]) -> bool:
    return any(test(value) for value in found)


OPERATORS: Mapping[str, Operator] = {
    "gte": lambda found, wanted: _any(found, lambda value: value >= wanted),
    "lte": lambda found, wanted: _any(found or [0], lambda value: value <= wanted),
    "not": lambda found, wanted: not _any(found, lambda value: value == wanted),
    "in": lambda found, wanted: _any(found, lambda value: value in wanted),
    "matches": lambda found, wanted: _any(found, lambda value: re.search(wanted, str(value)) is not None),
    "contains": lambda found, wanted: _any(found, lambda value: wanted in value),
    "exists": lambda found, wanted: bool(found) is wanted,
    "count": lambda found, wanted: len(found) == wanted,
}


def satisfied(obj: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Say whether every JSONPath of `where` finds what is expected of it in `obj`."""
    return all(_meets(fields_at(obj, path), expected) for path, expected in where.items())


def _meets(found: Sequence[Any], expected: Any) -> bool:
    if isinstance(expected, Mapping):
        return all(OPERATORS[operator](found, operand) for operator, operand in expected.items())
    return _any(found, lambda value: value == expected)
