"""The OpenAPI v3 document of one group and version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.apiserver.openapi.operations import PATCHES, Operation, of_kind
from cluster.apiserver.openapi.v2 import BODIES, INFO, MEDIA, OPTIONS_KIND, answer_of, reachable, references, schema_of
from cluster.kinds.kind import Kind
from cluster.kinds.schema import Schema

_GVK = "x-kubernetes-group-version-kind"
_PREFIX = "#/components/schemas/"


def document(kinds: Sequence[Kind], group: str, version: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    found: dict[str, Schema] = {}
    for kind in kinds:
        named = schema_of(kind, version) if version in (kind.version, *kind.other_versions) else None
        if named is None:
            continue
        found[named[0]] = named[1]
        for operation in of_kind(kind, version):
            place = paths.setdefault(operation.path, {})
            place[operation.method] = _operation(kind, operation, named[0])
            place["parameters"] = _path_parameters(operation.path)
    others = reachable([OPTIONS_KIND, *_answers(paths), *(name for one in found.values() for name in references(one))])
    merged = sorted({**others, **found}.items())
    components = {name: _own_kinds(converted(schema), group, version) for name, schema in merged}
    return {
        "openapi": "3.0.0",
        "info": INFO,
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components},
    }


def _own_kinds(schema: dict[str, Any], group: str, version: str) -> dict[str, Any]:
    """Name only the core group and this one where a definition (DeleteOptions) belongs to every group."""
    kinds = schema.get(_GVK) or ()
    if len(kinds) < 2:
        return schema
    kept = [kind for kind in kinds if (kind["group"], kind["version"]) in (("", "v1"), (group, version))]
    return {**schema, _GVK: kept}


def _answers(paths: dict[str, dict[str, Any]]) -> list[str]:
    return [reference.removeprefix(_PREFIX) for reference in references(paths)]


def converted(schema: Any) -> Any:
    """Return a v2 schema in v3 form: other references, and no words beside a reference."""
    if isinstance(schema, list):
        return [converted(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return {word: converted(value) for word, value in schema.items()}
    target = {"$ref": _PREFIX + reference.removeprefix("#/definitions/")}
    words = {word: converted(value) for word, value in schema.items() if word != "$ref"}
    return {**words, "allOf": [target]} if words else target


def _path_parameters(path: str) -> list[dict[str, Any]]:
    string = {"type": "string", "uniqueItems": True}
    named = [name for name in ("name", "namespace") if f"{{{name}}}" in path]
    found: list[dict[str, Any]] = [{"name": name, "in": "path", "required": True, "schema": string} for name in named]
    return [*found, {"name": "pretty", "in": "query", "schema": string}]


def _operation(kind: Kind, operation: Operation, own: str) -> dict[str, Any]:
    group, version, name = operation.kind
    reference = {"$ref": _PREFIX + answer_of(operation, own)}
    made: dict[str, Any] = {
        "tags": [f"{kind.group.split('.')[0] or 'core'}_{version}"],
        "description": operation.text,
        "operationId": operation.identity,
        "parameters": [_query(option) for option in operation.options],
        "responses": {
            "200": {"description": "OK", "content": {media: {"schema": reference} for media in MEDIA}},
            "401": {"description": "Unauthorized"},
        },
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {"group": group, "version": version, "kind": name},
    }
    if operation.has_body:
        body = {"$ref": _PREFIX + BODIES[operation.method]} if operation.method in BODIES else reference
        forms = PATCHES if operation.method == "patch" else ("*/*",)
        made["requestBody"] = {"content": {form: {"schema": body} for form in forms}}
    return made


def _query(option: str) -> dict[str, Any]:
    type_ = "boolean" if option == "force" else "string"
    return {"name": option, "in": "query", "schema": {"type": type_, "uniqueItems": True}}
