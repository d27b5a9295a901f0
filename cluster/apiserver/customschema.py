"""Structural schemas of custom kinds: pruning, defaulting and validation in kube-openapi's words.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

from cluster.apiserver.customformats import fits
from cluster.apiserver.customrules import ABSENT, Rules, correlated
from cluster.kinds import schema as schemas
from cluster.machinery.fielderrors import (
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    TYPE_INVALID,
    FieldError,
    duplicate,
    invalid_value,
    required,
    too_long,
    too_many,
    unsupported,
)
from cluster.machinery.meta import Object

Schema = Mapping[str, Any]

_ROOT = frozenset({"apiVersion", "kind", "metadata"})
_BLOCKING = frozenset({NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, TYPE_INVALID})
_UNCHECKED = (
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete "
    "validation"
)


def published(schema: Schema) -> dict[str, Any]:
    """Return a schema with the fields every object has, as OpenAPI shows it."""
    properties = dict(schema.get("properties") or {})
    model = schemas.of_kind("", "v1", "ConfigMap") or {}
    known = model.get("properties") or {}
    own = {field: known[field] for field in ("apiVersion", "kind", "metadata") if field in known}
    return {**schema, "properties": {**own, **properties, **own}}


def _is_open(schema: Schema) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields")) or bool(
        schema.get("x-kubernetes-embedded-resource")
    )


def complete(schema: Schema, draft: Object) -> None:
    """Drop unknown fields and fill in defaults."""
    if not schema:
        return
    if not _is_open(schema):
        known = schema.get("properties") or {}
        for name in [name for name in draft if name not in known and name not in _ROOT]:
            del draft[name]
    for name, inner in (schema.get("properties") or {}).items():
        if name in _ROOT:
            continue
        if name not in draft and "default" in inner:
            draft[name] = orjson.loads(orjson.dumps(inner["default"]))
        if name in draft:
            draft[name] = _completed(inner, draft[name])


def _completed(schema: Schema, value: Any) -> Any:
    if value is None and "default" in schema and not schema.get("nullable"):
        value = orjson.loads(orjson.dumps(schema["default"]))
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_completed(schema["items"], item) for item in value]
    if not isinstance(value, dict):
        return value
    extra = schema.get("additionalProperties")
    properties = schema.get("properties") or {}
    if isinstance(extra, dict) and not properties:
        return {name: _completed(extra, item) for name, item in value.items()}
    kept = value if _is_open(schema) or extra else {name: item for name, item in value.items() if name in properties}
    result = dict(kept)
    for name, inner in properties.items():
        if name not in result and "default" in inner:
            result[name] = orjson.loads(orjson.dumps(inner["default"]))
        if name in result:
            result[name] = _completed(inner, result[name])
    return result


def unknown(schema: Schema, value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of fields the schema does not name."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from unknown(schema.get("items") or {}, item, f"{path}[{position}]")
    elif isinstance(value, dict) and not _is_open(schema):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, item in value.items():
            here = f"{path}.{name}" if path else name
            if not path and name in _ROOT:
                continue
            if name in properties:
                yield from unknown(properties[name], item, here)
            elif isinstance(extra, dict):
                yield from unknown(extra, item, here)
            elif not extra and (properties or schema.get("type") == "object"):
                yield here


def errors(schema: Schema, rules: Rules, obj: Object, old: Object | None = None) -> list[FieldError]:
    """Return what the schema and its rules find wrong with an object.

    Rules wait while the object has not the shape they count on. Values that an update leaves as they were are not
    looked at again.
    """
    before = ABSENT if old is None else _content(old)
    found = [*_check(schema, _content(obj), "", before), *_repeated(schema, _content(obj), "", before)]
    if not rules.exist:
        return found
    if any(error.reason in _BLOCKING for error in found):
        return [*found, invalid_value("<nil>", None, _UNCHECKED)]
    return found + rules.errors(obj, old)


def _content(obj: Object) -> Object:
    return {name: item for name, item in obj.items() if name not in _ROOT}


def _check(schema: Schema, value: Any, path: str, old: Any) -> Iterator[FieldError]:
    if (value is None and schema.get("nullable")) or (old is not ABSENT and old == value):
        return
    wrong = _type_error(schema, value, path)
    if wrong is not None:
        yield wrong
    else:
        yield from _check_inside(schema, value, path, old)
    if "enum" in schema and value not in schema["enum"]:
        yield unsupported(path, value, [_as_text(item) for item in schema["enum"]], in_order=True)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _check_inside(schema: Schema, value: Any, path: str, old: Any) -> Iterator[FieldError]:
    if isinstance(value, dict):
        yield from _check_object(schema, value, path, old if isinstance(old, dict) else {})
    elif isinstance(value, list):
        yield from _check_list(schema, value, path, old)
    elif isinstance(value, str):
        yield from islice(_check_text(schema, value, path), 1)
        if not fits(schema.get("format") or "", value):
            text = f'{path} in body must be of type {schema["format"]}: "{value}"'
            yield FieldError(TYPE_INVALID, path, value, text)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _check_number(schema, value, path)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "null"


def _type_error(schema: Schema, value: Any, path: str) -> FieldError | None:
    wanted, found = schema.get("type"), _word(value)
    if schema.get("x-kubernetes-int-or-string") or not wanted or wanted == found:
        return None
    if wanted == "number" and found == "integer":
        return None
    if wanted == "integer" and found == "number" and value.is_integer():
        return None
    text = f'{path} in body must be of type {wanted}: "{found}"'
    return FieldError(TYPE_INVALID, path, found, text)


def _check_object(schema: Schema, value: dict[str, Any], path: str, old: dict[str, Any]) -> Iterator[FieldError]:
    prefix = f"{path}." if path else ""
    if len(value) > schema.get("maxProperties", len(value)):
        yield too_many(path, len(value), schema["maxProperties"])
        return
    if len(value) < schema.get("minProperties", 0):
        text = f"{path} in body should have at least {schema['minProperties']} properties"
        yield invalid_value(path, len(value), text)
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for name, item in value.items():
        if name in properties:
            yield from _check(properties[name], item, prefix + name, old.get(name, ABSENT))
        elif isinstance(extra, dict):
            yield from _check(extra, item, prefix + name, old.get(name, ABSENT))
    for name in schema.get("required") or ():
        if name not in value and not (not path and name in _ROOT):
            yield required(prefix + name)


def _check_list(schema: Schema, value: list[Any], path: str, old: Any) -> Iterator[FieldError]:
    for position, (item, before) in enumerate(correlated(schema, value, old)):
        yield from _check(schema.get("items") or {}, item, f"{path}[{position}]", before)
    if len(value) < schema.get("minItems", 0):
        yield invalid_value(path, len(value), f"{path} in body should have at least {schema['minItems']} items")
    if len(value) > schema.get("maxItems", len(value)):
        yield too_many(path, len(value), schema["maxItems"])


def _repeated(schema: Schema, value: Any, path: str, old: Any) -> Iterator[FieldError]:
    """Yield the items that a list of type set or map has twice."""
    if old is not ABSENT and old == value:
        return
    if isinstance(value, list):
        seen: list[Any] = []
        for position, item in enumerate(value):
            told = _identity(schema, item)
            if told is not None and told in seen:
                yield duplicate(f"{path}[{position}]", told)
            seen.append(told)
            yield from _repeated(schema.get("items") or {}, item, f"{path}[{position}]", ABSENT)
    elif isinstance(value, dict):
        properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, item in value.items():
            inner = properties.get(name) or (extra if isinstance(extra, dict) else {})
            before = old.get(name, ABSENT) if isinstance(old, dict) else ABSENT
            yield from _repeated(inner, item, f"{path}.{name}" if path else name, before)


def _identity(schema: Schema, item: Any) -> Any:
    """Return what tells an item of a list from the others; None where it need not be told."""
    type_ = schema.get("x-kubernetes-list-type")
    if type_ == "set":
        return item
    if type_ != "map" or not isinstance(item, dict):
        return None
    return {key: item[key] for key in schema.get("x-kubernetes-list-map-keys") or () if key in item}


def _check_text(schema: Schema, value: str, path: str) -> Iterator[FieldError]:
    if len(value) > schema.get("maxLength", len(value)):
        yield too_long(path, schema["maxLength"])
    if len(value) < schema.get("minLength", 0):
        text = f"{path} in body should be at least {schema['minLength']} chars long"
        yield invalid_value(path, value, text)
    pattern = schema.get("pattern")
    if pattern and not _matches(pattern, value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _check_number(schema: Schema, value: float, path: str) -> Iterator[FieldError]:
    multiple, most, least = schema.get("multipleOf"), schema.get("maximum"), schema.get("minimum")
    if multiple and value % multiple:
        yield invalid_value(path, value, f"{path} in body should be a multiple of {multiple}")
    if most is not None and (value > most or (schema.get("exclusiveMaximum") and value == most)):
        word = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {word} {most}")
    if least is not None and (value < least or (schema.get("exclusiveMinimum") and value == least)):
        word = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        yield invalid_value(path, value, f"{path} in body should be {word} {least}")
