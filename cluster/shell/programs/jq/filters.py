"""Running jq filters: each gives any number of results for one input."""

from __future__ import annotations

import base64
import functools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from cluster.machinery.clock import timestamp
from cluster.shell.programs.jq.grammar import Node

Scope = dict[str, Any]
Path = tuple[Any, ...]
_STEPS = 1_000_000


class JqFault(Exception):
    """jq's `error`."""


def dumps(value: Any, indent: int | str | None = None, *, sort: bool = False) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        value = int(value)
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(_whole(value), indent=indent, ensure_ascii=False, separators=separators, sort_keys=sort)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e17:
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {key: _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


def kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "number", float: "number", str: "string", list: "array", dict: "object"}[type(value)]


_ORDER = ("null", "false", "true", "number", "string", "array", "object")


def compare(left: Any, right: Any) -> int:
    ranks = [_ORDER.index(str(one).lower() if isinstance(one, bool) else kind(one)) for one in (left, right)]
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if isinstance(left, list):
        for a, b in zip(left, right, strict=False):
            if found := compare(a, b):
                return found
        return (len(left) > len(right)) - (len(left) < len(right))
    if isinstance(left, dict):
        keys = sorted(left), sorted(right)
        if keys[0] != keys[1]:
            return compare(*keys)
        return next((found for key in keys[0] if (found := compare(left[key], right[key]))), 0)
    if left is None or isinstance(left, bool):
        return 0
    return int(left > right) - int(left < right)


ordered = functools.cmp_to_key(compare)


def truth(value: Any) -> bool:
    return value is not None and value is not False


def shown(value: Any) -> str:
    text = dumps(value)
    return text if len(text) < 12 else text[:10] + "..."


class Filters:
    def __init__(self, variables: Mapping[str, Any], environ: Mapping[str, str], now: float):
        self.variables = {**variables, "ENV": dict(environ), "__prog_args": None}
        self.now = now
        self.steps = 0

    def run(self, node: Node, value: Any) -> Iterator[Any]:
        return self.each(node, value, {"$": dict(self.variables), "f": {}})

    def each(self, node: Node, value: Any, scope: Scope) -> Iterator[Any]:
        for _, found in self.paths(node, (), value, scope):
            yield found

    def paths(self, node: Node, path: Path | None, value: Any, scope: Scope) -> Iterator[tuple[Path | None, Any]]:
        """Yield (where, value); where is None for what was computed and cannot be assigned to."""
        self.steps += 1
        if self.steps > _STEPS:
            raise JqFault("the filter runs too long")
        yield from _NODES[node[0]](self, node, path, value, scope)

    def first(self, node: Node, value: Any, scope: Scope) -> Any:
        return next(self.each(node, value, scope), None)


Results = Iterator[tuple[Path | None, Any]]


def _key(path: Path | None, key: Any) -> Path | None:
    return None if path is None else (*path, key)


def index_of(value: Any, key: Any) -> Any:
    if value is None and (key is None or isinstance(key, (str, int, float))):
        return None
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, (int, float)) and not isinstance(key, bool):
        place = math.floor(key)
        return value[place] if -len(value) <= place < len(value) else None
    if isinstance(key, str):
        raise JqFault(f'Cannot index {kind(value)} with "{key}"')
    raise JqFault(f"Cannot index {kind(value)} with {kind(key)}")


def _index(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for where, target in f.paths(node[1], path, value, scope):
        for key in f.each(node[2], value, scope):
            yield _key(where, key), index_of(target, key)


def _iterate(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for where, target in f.paths(node[1], path, value, scope):
        if isinstance(target, dict):
            yield from ((_key(where, key), one) for key, one in list(target.items()))
        elif isinstance(target, list):
            yield from ((_key(where, i), one) for i, one in enumerate(list(target)))
        else:
            tail = f" ({shown(target)})" if target is not None else ""
            raise JqFault(f"Cannot iterate over {kind(target)}{tail}")


def _slice(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for where, target in f.paths(node[1], path, value, scope):
        start = f.first(node[2], value, scope) if node[2] else None
        end = f.first(node[3], value, scope) if node[3] else None
        if target is not None and not isinstance(target, (str, list)):
            raise JqFault(f"Cannot index {kind(target)} with object")
        yield _key(where, slice(start, end)), None if target is None else target[start:end]


def _recurse(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in list(items):
        yield from _recurse(f, node, _key(path, key), one, scope)


def _pipe(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for where, found in f.paths(node[1], path, value, scope):
        yield from f.paths(node[2], where, found, scope)


def _comma(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    yield from f.paths(node[1], path, value, scope)
    yield from f.paths(node[2], path, value, scope)


def arithmetic(op: str, a: Any, b: Any) -> Any:
    numbers = kind(a) == kind(b) == "number"
    if op == "+":
        if a is None or b is None:
            return b if a is None else a
        if numbers or (kind(a) == kind(b) and kind(a) in ("string", "array")):
            return a + b
        if isinstance(a, dict) and isinstance(b, dict):
            return {**a, **b}
    elif op == "-":
        if numbers:
            return a - b
        if isinstance(a, list) and isinstance(b, list):
            return [one for one in a if one not in b]
    elif op == "*":
        if numbers:
            return a * b
        if isinstance(a, str) and kind(b) == "number":
            return a * int(b) if b > 0 else None
        if isinstance(a, dict) and isinstance(b, dict):
            return _merged(a, b)
    elif op in "/%":
        if numbers:
            if b == 0:
                raise JqFault(
                    f"{kind(a)} ({shown(a)}) and {kind(b)} ({shown(b)}) cannot be divided because the divisor is zero"
                )
            return a / b if op == "/" else math.fmod(int(a), int(b))
        if op == "/" and isinstance(a, str) and isinstance(b, str):
            return a.split(b)
    verb = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided"}[op]
    raise JqFault(f"{kind(a)} ({shown(a)}) and {kind(b)} ({shown(b)}) cannot be {verb}")


def _merged(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    found = dict(a)
    for key, value in b.items():
        old = found.get(key)
        found[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


_COMPARE: Mapping[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def _binary(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    _, op, left, right = node
    if op == "//":
        yield from _alternative(f, left, right, path, value, scope)
    elif op in ("and", "or"):
        for a in f.each(left, value, scope):
            if truth(a) == (op == "or"):
                yield None, op == "or"
            else:
                yield from ((None, truth(b)) for b in f.each(right, value, scope))
    elif op in _COMPARE:
        for b in f.each(right, value, scope):
            for a in f.each(left, value, scope):
                yield None, _COMPARE[op](compare(a, b))
    elif op.endswith("="):
        yield from _update(f, op, left, right, value, scope)
    else:
        for b in f.each(right, value, scope):
            for a in f.each(left, value, scope):
                yield None, arithmetic(op, a, b)


def _alternative(f: Filters, left: Node, right: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    found = False
    try:
        for where, one in f.paths(left, path, value, scope):
            if truth(one):
                found = True
                yield where, one
    except JqFault:
        pass
    if not found:
        yield from f.paths(right, path, value, scope)


def set_path(value: Any, path: Sequence[Any], change: Callable[[Any], Any]) -> Any:
    if not path:
        return change(value)
    key, rest = path[0], path[1:]
    if isinstance(key, str):
        if value is not None and not isinstance(value, dict):
            raise JqFault(f'Cannot index {kind(value)} with "{key}"')
        return {**(value or {}), key: set_path((value or {}).get(key), rest, change)}
    if value is not None and not isinstance(value, list):
        raise JqFault(f"Cannot index {kind(value)} with number")
    items = list(value or ())
    if isinstance(key, slice):
        items[key] = set_path(items[key], rest, change)
        return items
    items += [None] * (int(key) + 1 - len(items))
    items[int(key)] = set_path(items[int(key)], rest, change)
    return items


def delete_path(value: Any, path: Sequence[Any]) -> Any:
    if value is None or not path:
        return value if path else None
    key = path[0]
    if len(path) > 1:
        child = index_of(value, key)
        return value if child is None else set_path(value, path[:1], lambda one: delete_path(one, path[1:]))
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != key}
    items = list(value)
    if isinstance(key, slice) or -len(items) <= key < len(items):
        del items[key]
    return items


def _update(f: Filters, op: str, left: Node, right: Node, value: Any, scope: Scope) -> Results:
    places = [where for where, _ in f.paths(left, (), value, scope)]
    if any(where is None for where in places):
        raise JqFault("Invalid path expression")
    if op == "|=":
        found = value
        for where in places:
            found = set_path(found, where or (), lambda one: f.first(right, one, scope))
        yield None, found
        return
    for given in f.each(right, value, scope):
        found = value
        for where in places:
            if op == "=":
                found = set_path(found, where or (), lambda one, g=given: g)  # type: ignore[misc]
            elif op == "//=":
                found = set_path(found, where or (), lambda one, g=given: one if truth(one) else g)  # type: ignore[misc]
            else:
                found = set_path(found, where or (), lambda one, g=given: arithmetic(op[0], one, g))  # type: ignore[misc]
        yield None, found


def _array(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    yield None, [] if node[1] is None else list(f.each(node[1], value, scope))


def _object(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    found: list[dict[str, Any]] = [{}]
    for key_node, value_node in node[1]:
        following = []
        for held in found:
            for key in f.each(key_node, value, scope):
                if not isinstance(key, str):
                    raise JqFault(f"Object keys must be strings, not {kind(key)}")
                following += [{**held, key: one} for one in f.each(value_node, value, scope)]
        found = following
    yield from ((None, one) for one in found)


def _if(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for test in f.each(node[1], value, scope):
        yield from f.paths(node[2] if truth(test) else node[3], path, value, scope)


def _try(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    try:
        yield from f.paths(node[1], path, value, scope)
    except JqFault as fault:
        if node[2] is not None:
            yield from f.paths(node[2], None, str(fault), scope)


def _bind(scope: Scope, pattern: Any, value: Any) -> Scope:
    variables = dict(scope["$"])
    if isinstance(pattern, str):
        variables[pattern] = value
    else:
        for i, one in enumerate(pattern):
            variables.update(_bind({**scope, "$": variables}, one, index_of(value, i))["$"])
    return {**scope, "$": variables}


def _as(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    for found in f.each(node[1], value, scope):
        yield from f.paths(node[3], path, value, _bind(scope, node[2], found))


def _fold(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    kind_of, source, variable, parts = node
    for state in f.each(parts[0], value, scope):
        for item in f.each(source, value, scope):
            inner = _bind(scope, variable, item)
            state = f.first(parts[1], state, inner)
            if kind_of == "foreach":
                yield from ((None, one) for one in (f.each(parts[2], state, inner) if len(parts) > 2 else [state]))
        if kind_of == "reduce":
            yield None, state


def _variable(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    if node[1] not in scope["$"]:
        raise JqFault(f"${node[1]} is not defined")
    yield None, scope["$"][node[1]]


def _interpolate(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    text = ""
    for part in node[1]:
        found = f.first(part, value, scope)
        literal = part[0] == "const"
        text += found if literal else FORMATS[node[2] or "@text"](found)
    yield None, text


def _definition(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    _, name, params, body, rest = node
    inner = {**scope, "f": dict(scope["f"])}
    inner["f"][(name, len(params))] = (params, body, inner)
    yield from f.paths(rest, path, value, inner)


def _call(f: Filters, node: Node, path: Path | None, value: Any, scope: Scope) -> Results:
    _, name, arguments = node
    held = scope["f"].get((name, len(arguments)))
    if held is not None:
        yield from _own(f, held, arguments, path, value, scope)
    elif (name, len(arguments)) in FILTERS:
        yield from FILTERS[name, len(arguments)](f, arguments, path, value, scope)
    elif (name, len(arguments)) in FUNCTIONS:
        given = [f.first(argument, value, scope) for argument in arguments]
        try:
            found = FUNCTIONS[name, len(arguments)](f, value, *given)
        except (TypeError, AttributeError, KeyError, IndexError, ValueError):
            raise JqFault(f"{kind(value)} ({shown(value)}) cannot be given to {name}") from None
        yield None, found
    else:
        raise JqFault(f"{name}/{len(arguments)} is not defined")


def _own(f: Filters, held: Any, arguments: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    params, body, home = held
    if params is None:
        yield from f.paths(body, path, value, home)
        return
    inner = {**home, "f": dict(home["f"]), "$": dict(home["$"])}
    for param, argument in zip(params, arguments, strict=True):
        if param.startswith("$"):
            inner["$"][param[1:]] = f.first(argument, value, scope)
        else:
            inner["f"][(param, 0)] = (None, argument, scope)
    yield from f.paths(body, path, value, inner)


_NODES: dict[str, Callable[[Filters, Node, Path | None, Any, Scope], Results]] = {
    "identity": lambda f, node, path, value, scope: iter([(path, value)]),
    "const": lambda f, node, path, value, scope: iter([(None, node[1])]),
    "index": _index,
    "iterate": _iterate,
    "slice": _slice,
    "recurse": _recurse,
    "pipe": _pipe,
    "comma": _comma,
    "binary": _binary,
    "array": _array,
    "object": _object,
    "if": _if,
    "try": _try,
    "as": _as,
    "reduce": _fold,
    "foreach": _fold,
    "variable": _variable,
    "interpolate": _interpolate,
    "format": lambda f, node, path, value, scope: (
        f.paths(node[2], None, value, scope) if node[2] else iter([(None, FORMATS[node[1]](value))])
    ),
    "def": _definition,
    "call": _call,
}


# -- functions that take filters ---------------------------------------------------------------------


def _select(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    for test in f.each(args[0], value, scope):
        if truth(test):
            yield path, value


def _map(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    items = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (list, dict)):
        raise JqFault(f"Cannot iterate over {kind(value)}")
    yield None, [found for one in items for found in f.each(args[0], one, scope)]


def _map_values(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    if isinstance(value, dict):
        yield None, {key: found for key, one in value.items() for found in list(f.each(args[0], one, scope))[:1]}
    else:
        yield None, [found for one in value for found in list(f.each(args[0], one, scope))[:1]]


def _entries(value: Any) -> list[dict[str, Any]]:
    items = enumerate(value) if isinstance(value, list) else value.items()
    return [{"key": key, "value": one} for key, one in items]


def _from_entries(items: Sequence[Any]) -> dict[str, Any]:
    found = {}
    for one in items:
        key = next((one[name] for name in ("key", "k", "name", "Key", "Name") if one.get(name) is not None), None)
        text = key if isinstance(key, str) else dumps(key)
        found[text] = next((one[name] for name in ("value", "v", "Value") if name in one), None)
    return found


def _with_entries(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    yield None, _from_entries([found for one in _entries(value) for found in f.each(args[0], one, scope)])


def _keyed(f: Filters, args: Sequence[Node], value: Any, scope: Scope) -> list[tuple[Any, Any]]:
    if not isinstance(value, list):
        raise JqFault(f"Cannot index {kind(value)} with number")
    pairs = [(list(f.each(args[0], one, scope)), one) for one in value]
    return sorted(pairs, key=lambda pair: ordered(pair[0]))


def _groups(pairs: Sequence[tuple[Any, Any]]) -> list[list[Any]]:
    found: list[list[Any]] = []
    last: Any = None
    for key, one in pairs:
        if found and compare(key, last) == 0:
            found[-1].append(one)
        else:
            found.append([one])
        last = key
    return found


def _by(finish: Callable[[list[tuple[Any, Any]]], Any]) -> Callable[..., Results]:
    def run(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
        yield None, finish(_keyed(f, args, value, scope))

    return run


def _first_of(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    for found in f.paths(args[0], path, value, scope):
        yield found
        return


def _limit(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    count = int(f.first(args[0], value, scope))
    for number, found in enumerate(f.paths(args[1], path, value, scope)):
        if number >= count:
            return
        yield found


def _range(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    bounds = [int(f.first(one, value, scope)) for one in args]
    yield from ((None, number) for number in range(*bounds))


def _del(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    found = value
    for where in reversed([where for where, _ in f.paths(args[0], (), value, scope)]):
        found = delete_path(found, where or ())
    yield None, found


def _any_all(which: bool) -> Callable[..., Results]:
    def run(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
        items = list(f.each(args[0], value, scope)) if len(args) == 2 else list(value)
        tests = (truth(test) for one in items for test in f.each(args[-1], one, scope))
        yield None, any(tests) if which else all(tests)

    return run


def _path_of(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    yield from ((None, list(where or ())) for where, _ in f.paths(args[0], (), value, scope))


def _all_paths(f: Filters, args: Sequence[Node], path: Path | None, value: Any, scope: Scope) -> Results:
    for where, _ in _recurse(f, (), (), value, scope):
        if where:
            yield None, list(where)


FILTERS: Mapping[tuple[str, int], Callable[..., Results]] = {
    ("empty", 0): lambda f, args, path, value, scope: iter(()),
    ("select", 1): _select,
    ("map", 1): _map,
    ("map_values", 1): _map_values,
    ("with_entries", 1): _with_entries,
    ("sort_by", 1): _by(lambda pairs: [one for _, one in pairs]),
    ("group_by", 1): _by(_groups),
    ("unique_by", 1): _by(lambda pairs: [group[0] for group in _groups(pairs)]),
    ("min_by", 1): _by(lambda pairs: pairs[0][1] if pairs else None),
    ("max_by", 1): _by(lambda pairs: pairs[-1][1] if pairs else None),
    ("first", 1): _first_of,
    ("limit", 2): _limit,
    ("range", 1): _range,
    ("range", 2): _range,
    ("range", 3): _range,
    ("del", 1): _del,
    ("any", 1): _any_all(True),
    ("all", 1): _any_all(False),
    ("any", 2): _any_all(True),
    ("all", 2): _any_all(False),
    ("path", 1): _path_of,
    ("paths", 0): _all_paths,
    ("recurse", 0): lambda f, args, path, value, scope: _recurse(f, (), path, value, scope),
    ("values", 0): lambda f, args, path, value, scope: iter([(path, value)] if value is not None else []),
    ("add", 1): lambda f, args, path, value, scope: iter([(None, _add(list(f.each(args[0], value, scope))))]),
}


# -- functions of values -------------------------------------------------------------------------------


def _add(items: Any) -> Any:
    found = None
    for one in items.values() if isinstance(items, dict) else items:
        found = arithmetic("+", found, one)
    return found


def _length(value: Any) -> Any:
    if isinstance(value, bool):
        raise JqFault(f"boolean ({shown(value)}) has no length")
    return 0 if value is None else abs(value) if isinstance(value, (int, float)) else len(value)


def _contains(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return all(key in a and _contains(a[key], one) for key, one in b.items())
    if isinstance(a, list) and isinstance(b, list):
        return all(any(_contains(one, wanted) for one in a) for wanted in b)
    return b in a if isinstance(a, str) and isinstance(b, str) else bool(compare(a, b) == 0)


def _tonumber(value: Any) -> Any:
    try:
        return value if isinstance(value, (int, float)) else json.loads(value)
    except (ValueError, TypeError):
        raise JqFault(f"Cannot parse '{value}' as JSON") from None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)


def _keys(value: Any) -> list[Any]:
    if not isinstance(value, (dict, list)):
        raise JqFault(f"{kind(value)} ({shown(value)}) has no keys")
    return sorted(value) if isinstance(value, dict) else list(range(len(value)))


def _regex(pattern: str, flags: str | None = "") -> re.Pattern[str]:
    try:
        return re.compile(
            pattern.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"),
            re.I if flags and "i" in flags else 0,
        )
    except re.error:
        raise JqFault(f"{pattern} (at offset 0) is not a valid regex") from None


def _place(value: Any, wanted: Any) -> int | None:
    return int(value.index(wanted)) if wanted in value else None


def _flatten(value: Any, depth: Any = 10**6) -> list[Any]:
    return [
        inner for one in value for inner in (_flatten(one, depth - 1) if isinstance(one, list) and depth > 0 else [one])
    ]


def _separated(separator: str, quote: Callable[[str], str]) -> Callable[[Any], str]:
    def put(value: Any) -> str:
        if not isinstance(value, list):
            form = "csv" if separator == "," else "tsv"
            raise JqFault(f"{kind(value)} ({shown(value)}) cannot be {form}-formatted, only an array can be")
        return separator.join(
            quote(one) if isinstance(one, str) else "" if one is None else dumps(one) for one in value
        )

    return put


def _decoded(value: Any) -> str:
    text = _text(value)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except ValueError:
        raise JqFault(f"string ({shown(value)}) is not valid base64 data") from None


def _quoted_uri(value: Any) -> str:
    from urllib.parse import quote

    return quote(_text(value), safe="-_.~")


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "@text": _text,
    "@json": dumps,
    "@base64": lambda value: base64.b64encode(_text(value).encode()).decode(),
    "@base64d": _decoded,
    "@csv": _separated(",", lambda text: '"' + text.replace('"', '""') + '"'),
    "@tsv": _separated("\t", lambda text: text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")),
    "@uri": _quoted_uri,
    "@html": lambda value: _text(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    "@sh": lambda value: " ".join(
        "'" + one.replace("'", "'\\''") + "'" if isinstance(one, str) else dumps(one)
        for one in (value if isinstance(value, list) else [value])
    ),
}


def _fault(f: Filters, value: Any, message: Any = None) -> Any:
    raise JqFault(_text(value if message is None else message))


def _moment(value: Any) -> float:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


FUNCTIONS: Mapping[tuple[str, int], Callable[..., Any]] = {
    ("length", 0): lambda f, v: _length(v),
    ("keys", 0): lambda f, v: _keys(v),
    ("keys_unsorted", 0): lambda f, v: list(v) if isinstance(v, dict) else _keys(v),
    ("has", 1): lambda f, v, key: key in v if isinstance(v, dict) else 0 <= key < len(v),
    ("in", 1): lambda f, v, box: v in box if isinstance(box, dict) else 0 <= v < len(box),
    ("add", 0): lambda f, v: _add(v),
    ("any", 0): lambda f, v: any(map(truth, v)),
    ("all", 0): lambda f, v: all(map(truth, v)),
    ("not", 0): lambda f, v: not truth(v),
    ("type", 0): lambda f, v: kind(v),
    ("tostring", 0): lambda f, v: _text(v),
    ("tonumber", 0): lambda f, v: _tonumber(v),
    ("tojson", 0): lambda f, v: dumps(v),
    ("fromjson", 0): lambda f, v: _tonumber(v) if isinstance(v, str) else v,
    ("to_entries", 0): lambda f, v: _entries(v),
    ("from_entries", 0): lambda f, v: _from_entries(v),
    ("sort", 0): lambda f, v: sorted(v, key=ordered),
    ("unique", 0): lambda f, v: [
        group[0] for group in _groups(sorted(((one, one) for one in v), key=lambda p: ordered(p[0])))
    ],
    ("min", 0): lambda f, v: min(v, key=ordered, default=None),
    ("max", 0): lambda f, v: max(v, key=ordered, default=None),
    ("reverse", 0): lambda f, v: v[::-1] if v is not None else [],
    ("first", 0): lambda f, v: index_of(v, 0),
    ("last", 0): lambda f, v: index_of(v, -1),
    ("flatten", 0): lambda f, v: _flatten(v),
    ("flatten", 1): lambda f, v, depth: _flatten(v, depth),
    ("contains", 1): lambda f, v, other: _contains(v, other),
    ("inside", 1): lambda f, v, other: _contains(other, v),
    ("startswith", 1): lambda f, v, text: v.startswith(text),
    ("endswith", 1): lambda f, v, text: v.endswith(text),
    ("ltrimstr", 1): lambda f, v, text: v.removeprefix(text) if isinstance(v, str) else v,
    ("rtrimstr", 1): lambda f, v, text: v.removesuffix(text) if isinstance(v, str) else v,
    ("trim", 0): lambda f, v: v.strip(),
    ("split", 1): lambda f, v, text: v.split(text) if v else [],
    ("join", 1): lambda f, v, text: text.join("" if one is None else _text(one) for one in v),
    ("ascii_downcase", 0): lambda f, v: v.lower(),
    ("ascii_upcase", 0): lambda f, v: v.upper(),
    ("explode", 0): lambda f, v: [ord(letter) for letter in v],
    ("implode", 0): lambda f, v: "".join(map(chr, v)),
    ("test", 1): lambda f, v, pattern: _regex(pattern).search(v) is not None,
    ("test", 2): lambda f, v, pattern, flags: _regex(pattern, flags).search(v) is not None,
    ("capture", 1): lambda f, v, pattern: match.groupdict() if (match := _regex(pattern).search(v)) else None,
    ("sub", 2): lambda f, v, pattern, by: _regex(pattern).sub(lambda _: by, v, count=1),
    ("gsub", 2): lambda f, v, pattern, by: _regex(pattern).sub(lambda _: by, v),
    ("scan", 1): lambda f, v, pattern: _regex(pattern).findall(v),
    ("index", 1): lambda f, v, text: _place(v, text),
    ("floor", 0): lambda f, v: math.floor(v),
    ("ceil", 0): lambda f, v: math.ceil(v),
    ("round", 0): lambda f, v: math.floor(v + 0.5),
    ("sqrt", 0): lambda f, v: math.sqrt(v),
    ("error", 0): _fault,
    ("error", 1): _fault,
    ("now", 0): lambda f, v: f.now,
    ("todate", 0): lambda f, v: timestamp(v),
    ("fromdate", 0): lambda f, v: int(_moment(v)),
    ("fromdateiso8601", 0): lambda f, v: int(_moment(v)),
    ("env", 0): lambda f, v: f.variables["ENV"],
    ("getpath", 1): lambda f, v, path: functools.reduce(index_of, path, v),
    ("setpath", 2): lambda f, v, path, given: set_path(v, path, lambda _: given),
    ("transpose", 0): lambda f, v: [list(row) for row in zip(*v, strict=False)],
    ("infinite", 0): lambda f, v: 1e308,
    ("ascii", 0): lambda f, v: chr(v),
}
