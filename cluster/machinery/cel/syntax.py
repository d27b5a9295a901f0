"""The syntax tree of a CEL expression, as the parser hands it over (`cel.expr.ParsedExpr`, in protobuf's wire form).

Macros (`has`, `all`, `exists`, `map`, `filter`, `cel.bind`, `transformMap` …) are expanded by then, into
presence tests and comprehensions. https://github.com/google/cel-spec/blob/master/proto/cel/expr/syntax.proto
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.machinery.cel.values import UInt


@dataclass(frozen=True, slots=True)
class Constant:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`, or `has(operand.field)` where it only tests."""

    operand: Node
    field: str
    tests: bool


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; `target.function(arguments)` where there is a target. Operators are `_+_` and the like."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list; `optional` are the places of items written `?item`."""

    items: tuple[Node, ...]
    optional: frozenset[int]


@dataclass(frozen=True, slots=True)
class Entry:
    key: Node | str
    value: Node
    optional: bool


@dataclass(frozen=True, slots=True)
class Struct:
    """A map (`type_name` is empty) or an object with a type, `Object.spec{…}`."""

    type_name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """A comprehension: a loop over a list's items or a map's keys that carries one value along."""

    variable: str
    second: str  # the map's value or, for a list, its item, where `variable` is the key or index
    range: Node
    carried: str
    start: Node
    condition: Node
    step: Node
    result: Node


def names(node: Node) -> frozenset[str]:
    """Return every name a tree mentions, those its loops bring along included."""
    if isinstance(node, Name):
        return frozenset({node.name})
    found: frozenset[str] = frozenset()
    return found.union(*(names(part) for part in _parts(node)))


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, Select):
        yield node.operand
    elif isinstance(node, Call):
        yield from (*((node.target,) if node.target is not None else ()), *node.arguments)
    elif isinstance(node, ListNode):
        yield from node.items
    elif isinstance(node, Struct):
        for entry in node.entries:
            yield from (entry.value, *(() if isinstance(entry.key, str) else (entry.key,)))
    elif isinstance(node, Fold):
        yield from (node.range, node.start, node.condition, node.step, node.result)


Node = Constant | Name | Select | Call | ListNode | Struct | Fold
_Fields = dict[int, list[Any]]


def read(serialized: bytes) -> Node:
    """Return the tree of a serialized ParsedExpr (packed in an `Any`)."""
    packed = _fields(serialized)
    return _node(_fields(packed[2][0])[2][0])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    shift = value = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _pairs(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, shape = tag >> 3, tag & 7
        if shape == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        size = 8 if shape == 1 else 4
        if shape == 2:
            size, at = _varint(data, at)
        yield number, data[at : at + size]
        at += size


def _fields(data: bytes) -> _Fields:
    found: _Fields = {}
    for number, value in _pairs(data):
        found.setdefault(number, []).append(value)
    return found


def _text(fields: _Fields, number: int) -> str:
    return fields[number][0].decode() if number in fields else ""


def _nodes(fields: _Fields, number: int) -> tuple[Node, ...]:
    return tuple(_node(part) for part in fields.get(number, ()))


def _node(data: bytes) -> Node:
    fields = _fields(data)
    for number, make in _MAKERS.items():
        if number in fields:
            return make(fields[number][0])
    return Constant(None)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


_CONSTANTS: Mapping[int, Callable[[Any], Any]] = {
    1: lambda raw: None,
    2: bool,
    3: _signed,
    4: UInt,
    5: lambda raw: struct.unpack("<d", raw)[0],
    6: lambda raw: raw.decode(),
    7: bytes,
}


def _constant(data: bytes) -> Node:
    for number, raw in _pairs(data):
        return Constant(_CONSTANTS[number](raw))
    return Constant(None)


def _name(data: bytes) -> Node:
    return Name(_text(_fields(data), 1).removeprefix("."))


def _select(data: bytes) -> Node:
    fields = _fields(data)
    return Select(_node(fields[1][0]), _text(fields, 2), bool(fields.get(3, [0])[0]))


def _call(data: bytes) -> Node:
    fields = _fields(data)
    target = _node(fields[1][0]) if 1 in fields else None
    return Call(_text(fields, 2), target, _nodes(fields, 3))


def _list(data: bytes) -> Node:
    fields = _fields(data)
    places: set[int] = set()
    for packed in fields.get(2, ()):
        places |= set(_packed(packed)) if isinstance(packed, bytes) else {packed}
    return ListNode(_nodes(fields, 1), frozenset(places))


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _struct(data: bytes) -> Node:
    fields = _fields(data)
    return Struct(_text(fields, 1), tuple(_entry(part) for part in fields.get(2, ())))


def _entry(data: bytes) -> Entry:
    fields = _fields(data)
    key: Node | str = _node(fields[3][0]) if 3 in fields else _text(fields, 2)
    return Entry(key, _node(fields[4][0]), bool(fields.get(5, [0])[0]))


def _fold(data: bytes) -> Node:
    fields = _fields(data)
    part = {number: _node(fields[number][0]) for number in (2, 4, 5, 6, 7)}
    return Fold(_text(fields, 1), _text(fields, 8), part[2], _text(fields, 3), part[4], part[5], part[6], part[7])


_MAKERS: Mapping[int, Callable[[bytes], Node]] = {
    3: _constant,
    4: _name,
    5: _select,
    6: _call,
    7: _list,
    8: _struct,
    9: _fold,
}
