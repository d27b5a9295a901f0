"""The OpenAPI definitions of Kubernetes 1.36, read at run time from the published `kubernetes-validate` package.

Patches, server-side apply, field validation, `kubectl explain`, the OpenAPI endpoints and the editor ask
here what a field is, how its lists merge and what it says about itself. Custom kinds bring a schema of
their own (`custom`). The package leaves out defaults and enums; quantities and int-or-strings are put right here.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import orjson

Schema = dict[str, Any]

_FOLDER = "kubernetes-json-schema/v1.36.0-local/_definitions.json"
_PREFIX = "#/definitions/"
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_GVK = "x-kubernetes-group-version-kind"
# The package writes these two as alternatives; a server publishes them as strings with a format.
_SCALARS: Mapping[str, Schema] = {
    _QUANTITY: {"description": "Quantity is a fixed-point representation of a number.", "type": "string"},
    _INT_OR_STRING: {
        "description": "IntOrString is a type that can hold an int32 or a string.",
        "type": "string",
        "format": "int-or-string",
    },
}


def _plain(schema: Schema) -> Schema:
    """Return a published schema as an API server writes it: no `null` types, references into `definitions`."""
    plain: Schema = {}
    for word, value in schema.items():
        if word == "$ref":
            plain[word] = _PREFIX + value.rpartition("/")[2]
        elif word == "type" and isinstance(value, list):
            kept = [one for one in value if one != "null"]
            plain[word] = kept[0] if len(kept) == 1 else kept
        elif word == "properties":
            plain[word] = {field: _plain(inner) for field, inner in value.items() if field}
            for field in ("apiVersion", "kind"):
                plain[word].get(field, {}).pop("enum", None)
        elif word in ("items", "additionalProperties") and isinstance(value, dict):
            plain[word] = _plain(value)
        else:
            plain[word] = value
    return plain


@cache
def definitions() -> Mapping[str, Schema]:
    """Return every definition by its full name (`io.k8s.api.core.v1.Pod`), in the OpenAPI v2 form."""
    source = importlib.resources.files("kubernetes_validate").joinpath(_FOLDER)
    raw = orjson.loads(source.read_bytes())["$defs"]
    return {name: _SCALARS.get(name) or _plain(schema) for name, schema in raw.items()}


@cache
def _names() -> Mapping[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for name, schema in definitions().items():
        kinds: Sequence[Schema] = schema.get(_GVK) or ()
        if len(kinds) == 1:
            found[kinds[0]["group"], kinds[0]["version"], kinds[0]["kind"]] = name
    return found


def definition_name(group: str, version: str, kind: str) -> str | None:
    """Return the full name of the definition of a group-version-kind."""
    return _names().get((group, version, kind))


def of_kind(group: str, version: str, kind: str) -> Schema | None:
    """Return the schema of a kind; None for a kind that Kubernetes does not publish."""
    name = definition_name(group, version, kind)
    return definitions()[name] if name else None


def reference(schema: Schema) -> str:
    """Return the definition name `schema` refers to, or the empty text."""
    return str(schema.get("$ref", "")).removeprefix(_PREFIX)


def resolve(schema: Schema) -> Schema:
    """Return `schema` itself, or the definition it refers to."""
    name = reference(schema)
    return definitions()[name] if name else schema


def is_quantity(schema: Schema) -> bool:
    return reference(schema) == _QUANTITY


def is_int_or_string(schema: Schema) -> bool:
    return reference(schema) == _INT_OR_STRING or bool(schema.get("x-kubernetes-int-or-string"))


def properties(schema: Schema) -> Mapping[str, Schema]:
    """Return the fields of an object schema (references followed); empty for scalars, maps and free objects."""
    found: Mapping[str, Schema] = resolve(schema).get("properties") or {}
    return found


def property_of(schema: Schema, field: str) -> Schema | None:
    """Return the schema of `field` where it stands: with its merge key, list type and description."""
    return properties(schema).get(field)


def items(schema: Schema) -> Schema | None:
    """Return the schema of a list's items."""
    found: Schema | None = resolve(schema).get("items")
    return found


def values(schema: Schema) -> Schema | None:
    """Return the schema of a map's values, when `schema` is a map."""
    found = resolve(schema).get("additionalProperties")
    return found if isinstance(found, dict) else None


def at(schema: Schema, *path: str) -> Schema | None:
    """Walk `path` field by field, through lists and maps (`spec`, `containers`, `image`)."""
    current: Schema | None = schema
    for field in path:
        if current is None:
            return None
        while (inner := items(current) or values(current)) is not None:
            current = inner
        current = property_of(current, field)
    return current


def type_of(schema: Schema) -> str:
    """Return object, array, string, integer, number, boolean, or the empty text where anything goes."""
    resolved = resolve(schema)
    found = resolved.get("type", "")
    if not found and "properties" in resolved:
        return "object"
    return found if isinstance(found, str) else ""


def description(schema: Schema) -> str:
    """Return the field's own description, or that of the definition it refers to."""
    return str(schema.get("description") or resolve(schema).get("description", ""))


def merge_key(schema: Schema) -> str:
    """Return `x-kubernetes-patch-merge-key` of a list field."""
    return str(schema.get("x-kubernetes-patch-merge-key", ""))


def patch_strategies(schema: Schema) -> tuple[str, ...]:
    """Return `x-kubernetes-patch-strategy`: merge, replace, retainKeys, or several."""
    text = schema.get("x-kubernetes-patch-strategy", "")
    return tuple(text.split(",")) if text else ()


def list_type(schema: Schema) -> str:
    """Return how server-side apply owns a list: atomic (also when unsaid), set or map."""
    return str(schema.get("x-kubernetes-list-type", "atomic"))


def list_map_keys(schema: Schema) -> tuple[str, ...]:
    """Return the fields that identify an item of a map-like list."""
    return tuple(schema.get("x-kubernetes-list-map-keys") or ())


def map_type(schema: Schema) -> str:
    """Return `x-kubernetes-map-type`: granular (also when unsaid) or atomic."""
    return str(schema.get("x-kubernetes-map-type") or resolve(schema).get("x-kubernetes-map-type") or "granular")


def is_required(schema: Schema, field: str) -> bool:
    return field in (resolve(schema).get("required") or ())


def kinds() -> Iterator[tuple[str, str, str]]:
    """Yield every (group, version, kind) that has a definition, stable or not."""
    yield from _names()
