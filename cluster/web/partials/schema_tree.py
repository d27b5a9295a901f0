"""One kind's schema as the editor reads it: every type once, fields with type, reference, values and text.

Made from the published OpenAPI definitions; enumerations, which those lack, are read from the sentence in
the field's own description that lists them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from cluster.kinds import schema as schemas

_ENUM = re.compile(r'- `"([^"`]*)"`')
_TEXT = 480


@lru_cache(maxsize=64)
def compact(group: str, version: str, kind: str) -> dict[str, Any] | None:
    """Return `{root, types}` of a kind, or None for one that has no published schema."""
    root = schemas.definition_name(group, version, kind)
    if root is None:
        return None
    types: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if _short(name) not in types:
            types[_short(name)] = _type(schemas.definitions()[name], waiting)
    return {"root": _short(root), "types": types}


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _type(definition: schemas.Schema, waiting: list[str]) -> dict[str, Any]:
    fields = {name: _field(each, waiting) for name, each in schemas.properties(definition).items()}
    found: dict[str, Any] = {"d": schemas.description(definition)[:_TEXT]}
    if fields:
        found["fields"] = fields
    if definition.get("required"):
        found["required"] = definition["required"]
    return found


def _field(field: schemas.Schema, waiting: list[str]) -> dict[str, Any]:
    found = _shape(field, waiting)
    text = schemas.description(field)
    if text:
        found["d"] = text[:_TEXT]
    values = _ENUM.findall(text)
    if values and found.get("type") == "string":
        found["enum"] = values
    return found


def _shape(field: schemas.Schema, waiting: list[str]) -> dict[str, Any]:
    if schemas.is_quantity(field):
        return {"type": "quantity"}
    if schemas.is_int_or_string(field):
        return {"type": "int-or-string"}
    items, values = schemas.items(field), schemas.values(field)
    if items is not None:
        return {"type": "array", "items": _shape(items, waiting)}
    if values is not None:
        return {"type": "object", "values": _shape(values, waiting)}
    if schemas.properties(field):
        name = schemas.reference(field)
        waiting.append(name)
        return {"type": "object", "ref": _short(name)}
    return {"type": schemas.type_of(field)} if schemas.type_of(field) else {}
