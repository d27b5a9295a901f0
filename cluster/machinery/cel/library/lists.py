"""Lists, sets, and what the macros over two variables need.

https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from cluster.machinery.cel.library.operators import add
from cluster.machinery.cel.signatures import library
from cluster.machinery.cel.values import CelError, Duration, UInt, equal, less

_COMPARABLE = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SUMS = {"int": 0, "uint": UInt(0), "double": 0.0, "duration": Duration(0)}


def _is_sorted(items: list[Any]) -> bool:
    return not any(less(right, left) for left, right in zip(items, items[1:], strict=False))


def _sum(items: list[Any]) -> Any:
    return reduce(add, items) if items else 0


def _extreme(name: str, before: Callable[[Any, Any], bool]) -> Callable[[list[Any]], Any]:
    def extreme(items: list[Any]) -> Any:
        if not items:
            raise CelError(f"{name} called on empty list")
        return reduce(lambda best, item: item if before(item, best) else best, items)

    return extreme


def _index_of(items: list[Any], wanted: Any) -> int:
    return next((at for at, item in enumerate(items) if equal(item, wanted)), -1)


def _last_index_of(items: list[Any], wanted: Any) -> int:
    return next((at for at in range(len(items) - 1, -1, -1) if equal(items[at], wanted)), -1)


def _of(types: Sequence[str], name: str, result: str) -> str:
    return "; ".join(f"list<{one}>.{name}() {result.replace('X', one)}" for one in types)


LISTS = library(
    [
        (_of(_COMPARABLE, "isSorted", "bool"), _is_sorted),
        (_of(tuple(_SUMS), "sum", "X"), _sum),
        (_of(_COMPARABLE, "min", "X"), _extreme("min", less)),
        (_of(_COMPARABLE, "max", "X"), _extreme("max", lambda item, best: less(best, item))),
        ("list<T>.indexOf(T) int", _index_of),
        ("list<T>.lastIndexOf(T) int", _last_index_of),
    ]
)


def _contains(items: list[Any], wanted: list[Any]) -> bool:
    return all(_index_of(items, one) >= 0 for one in wanted)


SETS = library(
    [
        ("sets.contains(list<T>, list<T>) bool", _contains),
        ("sets.equivalent(list<T>, list<T>) bool", lambda one, other: _contains(one, other) and _contains(other, one)),
        ("sets.intersects(list<T>, list<T>) bool", lambda one, other: any(_index_of(other, item) >= 0 for item in one)),
    ]
)


def _put(items: dict[Any, Any], key: Any, value: Any) -> dict[Any, Any]:
    if key in items:
        raise CelError(f"insert failed: key {key} already exists")
    return {**items, key: value}


def _merge(items: dict[Any, Any], more: dict[Any, Any]) -> dict[Any, Any]:
    for key, value in more.items():
        items = _put(items, key, value)
    return items


# `transformMap` and `transformMapEntry` expand to these.
FOLDED = library(
    [("cel.@mapInsert(map<T,T>, T, T) map<T,T>", _put), ("cel.@mapInsert(map<T,T>, map<T,T>) map<T,T>", _merge)],
    declared=False,
)
