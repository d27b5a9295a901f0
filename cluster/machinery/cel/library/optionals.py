"""Optional values: `object.?spec.?replicas.orValue(1)`. https://pkg.go.dev/github.com/google/cel-go/cel#OptionalTypes"""

from __future__ import annotations

from typing import Any

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import NONE, CelError, Optional, UInt

_ZERO = frozenset({bool, int, UInt, float, str, bytes, list, dict, type(None)})


def _of_non_zero(value: Any) -> Optional[Any]:
    empty = type(value) in _ZERO and not value
    return NONE if empty else Optional(value, True)


def _value(optional: Optional[Any]) -> Any:
    if optional.has:
        return optional.item
    raise CelError("optional.none() dereference")


STANDARD = library(
    [
        ("optional.none() optional_type<T>", lambda: NONE),
        ("optional.of(T) optional_type<T>", lambda value: Optional(value, True)),
        ("optional.ofNonZeroValue(T) optional_type<T>", _of_non_zero),
        ("optional_type<T>.hasValue() bool", lambda optional: optional.has),
        ("optional_type<T>.value() T", _value),
    ],
    declared=False,
)
