"""Operators: arithmetic with overflow, comparisons across number types, indexing, membership.

The logical ones, which swallow errors, are the evaluator's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import (
    CelError,
    Duration,
    Optional,
    Timestamp,
    UInt,
    equal,
    less,
    no_overload,
    unsigned,
    whole,
)

_JOINED = frozenset({str, bytes, list})


def add(left: Any, right: Any) -> Any:
    one, other = type(left), type(right)
    if one is other:
        if one is int:
            return whole(left + right)
        if one is float or one in _JOINED:
            return left + right
        if one is UInt:
            return unsigned(left + right)
        if one is Duration:
            return Duration(left.nanos + right.nanos)
    if {one, other} == {Timestamp, Duration}:
        return Timestamp(left.nanos + right.nanos)
    raise no_overload()


def subtract(left: Any, right: Any) -> Any:
    one, other = type(left), type(right)
    if one is other:
        if one is int:
            return whole(left - right)
        if one is float:
            return left - right
        if one is UInt:
            return unsigned(left - right)
        if one in (Duration, Timestamp):
            return Duration(left.nanos - right.nanos)
    if one is Timestamp and other is Duration:
        return Timestamp(left.nanos - right.nanos)
    raise no_overload()


def multiply(left: Any, right: Any) -> Any:
    one = type(left)
    if one is not type(right):
        raise no_overload()
    if one is int:
        return whole(left * right)
    if one is float:
        return left * right
    if one is UInt:
        return unsigned(left * right)
    raise no_overload()


def _quotient(left: int, right: int) -> int:
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def divide(left: Any, right: Any) -> Any:
    one = type(left)
    if one is not type(right) or one not in (int, UInt, float):
        raise no_overload()
    if one is float:
        return _divided(left, right)
    if not right:
        raise CelError("division by zero")
    return whole(_quotient(left, right)) if one is int else UInt(left // right)


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return float("nan") if not left or left != left else float("inf") if left > 0 else float("-inf")


def modulo(left: Any, right: Any) -> Any:
    one = type(left)
    if one is not type(right) or one not in (int, UInt):
        raise no_overload()
    if not right:
        raise CelError("modulus by zero")
    return one(left - right * _quotient(left, right))


def negate(value: Any) -> Any:
    if type(value) is int:
        return whole(-value)
    if type(value) is float:
        return -value
    if type(value) is Duration:
        return Duration(-value.nanos)
    raise no_overload()


def contained(item: Any, container: Any) -> bool:
    if type(container) is list:
        return any(equal(item, one) for one in container)
    if type(container) is dict:
        return type(item) in (str, int, bool, UInt) and item in container
    raise no_overload()


def index(container: Any, key: Any) -> Any:
    if type(container) is Optional:
        return optional_index(container, key)
    if type(container) is dict:
        if _is_key(key) and key in container:
            return container[key]
        raise CelError(f"no such key: {key}")
    if type(container) is list:
        return container[_place(container, key)]
    raise no_overload()


def _is_key(key: Any) -> bool:
    return type(key) in (str, int, bool, UInt, float)


def _place(container: list[Any], key: Any) -> int:
    if type(key) not in (int, UInt, float) or key != int(key):
        raise CelError(f"unsupported index type '{key}' in list")
    if not 0 <= key < len(container):
        raise CelError(f"index out of bounds: {key}")
    return int(key)


def optional_index(container: Any, key: Any) -> Optional[Any]:
    """`container[?key]` and `container.?key`."""
    if type(container) is Optional:
        return optional_index(container.item, key) if container.has else container
    if type(container) is dict:
        return Optional(container[key], True) if _is_key(key) and key in container else Optional()
    if type(container) is list:
        inside = type(key) in (int, UInt) and 0 <= key < len(container)
        return Optional(container[key], True) if inside else Optional()
    if container is None:
        return Optional()
    raise no_overload()


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
    "-_": negate,
    "_==_": equal,
    "_!=_": lambda left, right: not equal(left, right),
    "_<_": less,
    "_>_": lambda left, right: less(right, left),
    "_<=_": lambda left, right: not less(right, left) and left == left and right == right,
    "_>=_": lambda left, right: not less(left, right) and left == left and right == right,
    "@in": contained,
    "_[_]": index,
    "_[?_]": optional_index,
    "_?._": optional_index,
}

_NUMBERS = ("int", "uint", "double")
_SAME = ("bool", "string", "bytes", "timestamp", "duration")
_PAIRS = [(one, other) for one in _NUMBERS for other in _NUMBERS] + [(one, one) for one in _SAME]

# The front end orders numbers of one type only; Kubernetes lets 1 < 1.5 be.
COMPARISONS = library(
    (f"{name}({one}, {other}) bool", OPERATORS[name])
    for name in ("_<_", "_<=_", "_>_", "_>=_")
    for one, other in _PAIRS
)
