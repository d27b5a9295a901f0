"""Checks of what a version of a CustomResourceDefinition adds to its schema: columns, subresources, lists' keys.

Follows apiextensions-apiserver `pkg/apis/apiextensions/validation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import invalid_value, required

Part = Mapping[str, Any]

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SIMPLE_PATH = re.compile(r"^(\.[A-Za-z_$][\w$-]*(\[[^\]]*\])*|\['[^']*'\])+$")
_LISTS = ("atomic", "map", "set")
_KEYS = "x-kubernetes-list-map-keys"


def validate_parts(path: str, version: Part) -> Errors:
    """Check a version's columns and subresources; `path` is `spec` where it is the only version."""
    errors: Errors = []
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        errors += _column(f"{path}.additionalPrinterColumns[{index}]", column)
    scale = (version.get("subresources") or {}).get("scale")
    return errors + (_scale(f"{path}.subresources.scale", scale) if scale is not None else [])


def _column(path: str, column: Part) -> Errors:
    errors: Errors = []
    if not column.get("name"):
        errors.append(required(f"{path}.name"))
    type_, format_ = column.get("type") or "", column.get("format") or ""
    types, formats = f"must be one of {','.join(_COLUMN_TYPES)}", f"must be one of {','.join(_COLUMN_FORMATS)}"
    if not type_:
        errors.append(required(f"{path}.type", types))
    elif type_ not in _COLUMN_TYPES:
        errors.append(invalid_value(f"{path}.type", type_, types))
    if format_ and format_ not in _COLUMN_FORMATS:
        errors.append(invalid_value(f"{path}.format", format_, formats))
    where = column.get("jsonPath") or ""
    return errors + (_simple(f"{path}.JSONPath", where) if where else [required(f"{path}.JSONPath")])


def _simple(path: str, given: str) -> Errors:
    if not given.startswith("."):
        return [invalid_value(path, given, "must be a simple json path starting with .")]
    if not _SIMPLE_PATH.match(given):
        text = "is an invalid path: only simple paths of fields and array elements are allowed"
        return [invalid_value(path, given, text)]
    return []


def _scale(path: str, scale: Part) -> Errors:
    errors: Errors = []
    for field, place in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        given = scale.get(field) or ""
        if not given:
            errors.append(required(f"{path}.{field}"))
        elif not given.startswith(f"{place}."):
            errors.append(invalid_value(f"{path}.{field}", given, f"should be a json path under {place}"))
    selector = scale.get("labelSelectorPath") or ""
    if selector and not selector.startswith((".spec.", ".status.")):
        text = "should be a json path under either .spec or .status"
        errors.append(invalid_value(f"{path}.labelSelectorPath", selector, text))
    return errors


def validate_conversion(path: str, conversion: Part) -> Errors:
    strategy = conversion.get("strategy")
    if not strategy:
        return [required(f"{path}.strategy")]
    errors = one_of(f"{path}.strategy", strategy, ("None", "Webhook"))
    webhook = conversion.get("webhook") or {}
    if strategy == "Webhook" and not webhook.get("clientConfig"):
        errors.append(required(f"{path}.webhookClientConfig", "required when strategy is set to Webhook"))
    return errors


def validate_lists(path: str, schema: Part) -> Errors:
    """Check every list of a schema: that it says what it holds, and what tells its items apart."""
    errors: Errors = []
    if schema.get("type") == "array" and not isinstance(schema.get("items"), Mapping):
        errors.append(required(f"{path}.items", "must be specified"))
    if schema.get("x-kubernetes-list-type") is not None:
        errors += _list_type(path, schema)
    for where, inner in _inside(path, schema):
        errors += validate_lists(where, inner)
    return errors


def _inside(path: str, schema: Part) -> Iterator[tuple[str, Part]]:
    for name, inner in sorted((schema.get("properties") or {}).items()):
        yield f"{path}.properties[{name}]", inner
    for field in ("items", "additionalProperties"):
        if isinstance(schema.get(field), Mapping):
            yield f"{path}.{field}", schema[field]


def _list_type(path: str, schema: Part) -> Errors:
    type_, keys = schema["x-kubernetes-list-type"], schema.get(_KEYS) or []
    if schema.get("type") != "array":
        text = "must be array if x-kubernetes-list-type is specified"
        return [invalid_value(f"{path}.type", schema.get("type") or "", text)]
    errors = one_of(f"{path}.x-kubernetes-list-type", type_, _LISTS)
    if type_ != "map":
        return errors
    if not keys:
        errors.append(required(f"{path}.{_KEYS}", "must not be empty if x-kubernetes-list-type is map"))
    items = schema.get("items") or {}
    known, needed = items.get("properties") or {}, items.get("required") or ()
    for index, key in enumerate(keys):
        if key not in known:
            text = "entries must all be names of item properties"
            errors.append(invalid_value(f"{path}.{_KEYS}[{index}]", key, text))
        elif key not in needed and "default" not in known[key]:
            text = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            errors.append(required(f"{path}.items.properties[{key}].default", text))
    return errors
