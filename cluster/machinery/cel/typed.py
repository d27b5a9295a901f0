"""Values by their schema: what `self` is to a validation rule of a custom resource.

Names that are no identifiers are escaped (`foo-bar` is `foo__dash__bar`), a `number` is a double even when it is
whole, and texts with the formats of times and bytes are such values.
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from cluster.machinery.cel.library.times import duration, timestamp
from cluster.machinery.cel.shapes import Schema, is_free
from cluster.machinery.cel.values import CelError

_RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"),
        *("namespace", "null", "package", "return", "true", "var", "void", "while"),
    )
)
_REPLACED = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


def escaped(name: str) -> str:
    """Return the name by which an expression reaches a property."""
    if name in _RESERVED:
        return f"__{name}__"
    for plain, word in _REPLACED:
        name = name.replace(plain, word)
    return name


def escaped_schema(schema: Schema) -> Schema:
    """Return a schema with the names expressions use."""
    changed = dict(schema)
    if isinstance(schema.get("properties"), Mapping):
        changed["properties"] = {escaped(name): escaped_schema(one) for name, one in schema["properties"].items()}
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), Mapping):
            changed[part] = escaped_schema(schema[part])
    return changed


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        raise CelError("invalid base64") from None


_FORMATS: Mapping[str, Callable[[str], Any]] = {
    "byte": _bytes,
    "date": lambda text: timestamp(f"{text}T00:00:00Z"),
    "date-time": timestamp,
    "duration": duration,
}


def converts(schema: Schema) -> bool:
    """Say whether a value of this schema is anything but its JSON."""
    if schema.get("type") == "number" or schema.get("type") == "string" and schema.get("format") in _FORMATS:
        return True
    named = schema.get("properties") or {}
    inner = [*named.values(), *(schema[part] for part in ("items", "additionalProperties") if _is_schema(schema, part))]
    return any(escaped(name) != name for name in named) or any(map(converts, inner))


def _is_schema(schema: Schema, part: str) -> bool:
    return isinstance(schema.get(part), Mapping)


def typed(schema: Schema, value: Any) -> Any:
    """Return a JSON value as an expression sees it."""
    if value is None or (is_free(schema) and not schema.get("nullable")):
        return value
    if isinstance(value, str) and schema.get("type") == "string":
        return _text(schema, value)
    if schema.get("type") == "number" and isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, list):
        return [typed(schema.get("items") or {}, item) for item in value]
    return _object(schema, value) if isinstance(value, dict) else value


def _text(schema: Schema, value: str) -> Any:
    read = _FORMATS.get(schema.get("format") or "")
    try:
        return read(value) if read is not None else value
    except CelError:
        return value


def _object(schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    named, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    if not named and isinstance(extra, Mapping):
        return {name: typed(extra, item) for name, item in value.items()}
    return {escaped(name): typed(named.get(name) or {}, item) for name, item in value.items()}
