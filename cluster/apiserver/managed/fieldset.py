"""Sets of fields in the form `managedFields` writes them (FieldsV1), and the operations on them.

A node is a dict of path elements (`f:name`, `k:{"name":"c"}`, `v:"x"`); an empty node is a member
itself, a node with children is one when it holds `.`. The root is never a member.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

Node = dict[str, Any]


def is_member(node: Node) -> bool:
    return not node or "." in node


def _made(member: bool, children: Node) -> Node | None:
    """Return a node; None for an empty set."""
    if not children:
        return {} if member else None
    return {".": {}, **children} if member else children


def _children(node: Node) -> Node:
    return {key: child for key, child in node.items() if key != "."} if "." in node else node


def union(one: Node, other: Node) -> Node:
    """Return everything in either set."""
    merged = dict(one)
    for key, child in other.items():
        merged[key] = _union(merged[key], child) if key in merged else child
    return merged


def _union(one: Node, other: Node) -> Node:
    children = union(_children(one), _children(other))
    return _made(is_member(one) or is_member(other), children) or {}


def difference(one: Node, other: Node) -> Node:
    """Return what is in `one` and not in `other`."""
    left: Node = {}
    for key, child in one.items():
        if key not in other:
            left[key] = child
        elif (rest := _difference(child, other[key])) is not None:
            left[key] = rest
    return left


def _difference(one: Node, other: Node) -> Node | None:
    return _made(is_member(one) and not is_member(other), difference(_children(one), _children(other)))


def intersection(one: Node, other: Node) -> Node:
    """Return what is in both sets."""
    both: Node = {}
    for key, child in one.items():
        if key in other and (shared := _intersection(child, other[key])) is not None:
            both[key] = shared
    return both


def _intersection(one: Node, other: Node) -> Node | None:
    return _made(is_member(one) and is_member(other), intersection(_children(one), _children(other)))


def paths(node: Node, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every member, parents before children, sorted."""
    for key in sorted(node):
        child = node[key]
        if key == ".":
            continue
        here = (*prefix, key)
        if is_member(child):
            yield here
        yield from paths(_children(child), here)


def key_element(keys: dict[str, Any]) -> str:
    return "k:" + orjson.dumps(keys, option=orjson.OPT_SORT_KEYS).decode()


def value_element(value: Any) -> str:
    return "v:" + orjson.dumps(value).decode()


def shown(path: tuple[str, ...]) -> str:
    """Return a path as conflict messages write it: `.spec.containers[name="c"].image`."""
    out = ""
    for element in path:
        kind, _, rest = element.partition(":")
        if kind == "f":
            out += f".{rest}"
        elif kind == "k":
            keys = orjson.loads(rest)
            out += "[" + ",".join(f"{key}={orjson.dumps(value).decode()}" for key, value in keys.items()) + "]"
        else:
            out += f"[{rest}]" if kind == "i" else f"[={rest}]"
    return out
