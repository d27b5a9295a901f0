"""What an applied object has that its kind's schema has no place for, in the words of structured-merge-diff.

Quantities, int-or-strings and free-form places take anything; nulls are nothing. Custom resources are judged by
their own schemas elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from cluster.apiserver.custom import CustomKind
from cluster.apiserver.managed.fieldset import key_element, shown, value_element
from cluster.apiserver.managed.typed import KEY_DEFAULTS
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.kinds.schema import Schema
from cluster.machinery.jsonpath import go_show

_Path = tuple[str, ...]
_Problem = tuple[_Path, str]
_NUMERIC = frozenset({"integer", "number"})
_GO_NAMES: tuple[tuple[type, str], ...] = (
    *((bool, "boolean"), (str, "string"), (int, "int"), (float, "float")),
    *((list, "list"), (dict, "map")),
)


def type_of_version(kind: Kind, version: str) -> Schema | None:
    """Return the published schema of a kind in this version; None where it is judged elsewhere."""
    return None if isinstance(kind, CustomKind) else schemas.of_kind(kind.group, version, kind.kind)


def problems(schema: Schema | None, value: Any) -> list[str]:
    """Return everything about `value` the schema refuses, as `.path: why`."""
    return [f"{shown(path)}: {why}" for path, why in _walk(schema, value, ())] if schema is not None else []


def _walk(schema: Schema, value: Any, path: _Path) -> Iterator[_Problem]:
    if value is None or schemas.is_quantity(schema) or schemas.is_int_or_string(schema):
        return
    if schemas.items(schema) is not None:
        yield from _list(schema, value, path)
    elif schemas.properties(schema) or schemas.values(schema) is not None:
        yield from _map(schema, value, path)
    elif (why := _scalar(schemas.type_of(schema), value)) is not None:
        yield path, why


def _scalar(wanted: str, value: Any) -> str | None:
    if wanted == "string" and not isinstance(value, str):
        return f"expected string, got {_go_value(value)}"
    if wanted in _NUMERIC and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return f"expected numeric (int or float), got {_go_type(value)}"
    if wanted == "boolean" and not isinstance(value, bool):
        return f"expected boolean, got {_go_value(value)}"
    return None


def _go_type(value: Any) -> str:
    return next((name for kind, name in _GO_NAMES if isinstance(value, kind)), "unknown")


def _go_value(value: Any) -> str:
    shows = orjson.dumps(value).decode() if isinstance(value, str) else go_show(value)
    return f"&value.valueUnstructured{{Value:{shows}}}"


def _map(schema: Schema, value: Any, path: _Path) -> Iterator[_Problem]:
    if not isinstance(value, dict):
        yield path, f"expected map, got &{{{go_show(value)}}}"
        return
    for name, item in value.items():
        here = (*path, f"f:{name}")
        inner = schemas.property_of(schema, name) or schemas.values(schema)
        if inner is None:
            yield here, "field not declared in schema"
        else:
            yield from _walk(inner, item, here)


def _list(schema: Schema, value: Any, path: _Path) -> Iterator[_Problem]:
    if not isinstance(value, list):
        yield path, f"expected list, got &{{{go_show(value)}}}"
        return
    seen: set[str] = set()
    for position, item in enumerate(value):
        element, why = _element(schema, item, position)
        if element in seen:
            why = f"duplicate entries for key {shown((element,))}"
        seen.add(element)
        if why:
            yield path, why
        else:
            yield from _walk(schemas.items(schema) or {}, item, (*path, element))


def _element(schema: Schema, item: Any, position: int) -> tuple[str, str]:
    """Return the path element of a list's item, and why it cannot have one."""
    kind = schemas.list_type(schema)
    if kind == "set":
        return value_element(item), ""
    if kind != "map":
        return f"i:{position}", ""
    if not isinstance(item, dict):
        return f"i:{position}", f"element {position}: associative list with keys may not have non-map elements"
    keys = {key: item.get(key, KEY_DEFAULTS.get(key)) for key in schemas.list_map_keys(schema)}
    missing = next((key for key, given in keys.items() if given is None), None)
    if missing is None:
        return key_element(keys), ""
    why = (
        f'associative list with keys has an element that omits key field "{missing}" (and doesn\'t have default value)'
    )
    return f"i:{position}", f"element {position}: {why}"
