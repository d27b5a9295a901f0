"""The OpenAPI v2 (Swagger) document of all kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.custom import CustomKind
from cluster.apiserver.openapi.operations import PATCHES, Operation, of_kind
from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind
from cluster.kinds.registry import Registry
from cluster.kinds.schema import Schema

MEDIA = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]
OPTIONS_KIND = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
STATUS_KIND = "io.k8s.apimachinery.pkg.apis.meta.v1.Status"
BODIES = {"delete": OPTIONS_KIND, "patch": "io.k8s.apimachinery.pkg.apis.meta.v1.Patch"}
INFO = {"title": "Kubernetes", "version": "1.36"}


def served(registry: Iterable[Kind]) -> list[tuple[Kind, str]]:
    """Return every kind with each of its served versions."""
    return [(kind, version) for kind in registry for version in (kind.version, *kind.other_versions)]


def schema_of(kind: Kind, version: str) -> tuple[str, Schema] | None:
    """Return the definition name and schema of a kind, a custom kind's own included."""
    name = schemas.definition_name(kind.group, version, kind.kind)
    if name:
        return name, schemas.definitions()[name]
    own = kind.at(version)
    if not isinstance(own, CustomKind):
        return None
    reverse = ".".join(reversed(kind.group.split(".")))
    gvk = {"group": kind.group, "kind": kind.kind, "version": version}
    return f"{reverse}.{version}.{kind.kind}", {**own.schema, "x-kubernetes-group-version-kind": [gvk]}


def reachable(names: Iterable[str]) -> dict[str, Schema]:
    """Return the definitions of `names` and of all they refer to, sorted by name."""
    known = schemas.definitions()
    found: dict[str, Schema] = {}
    waiting = [name for name in names if name in known]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = known[name]
        waiting += [inner for inner in references(known[name]) if inner not in found]
    return dict(sorted(found.items()))


def references(value: Any) -> Iterable[str]:
    """Yield the definition names a schema refers to."""
    if isinstance(value, dict):
        for word, inner in value.items():
            if word == "$ref" and isinstance(inner, str):
                yield inner.removeprefix("#/definitions/")
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def document(registry: Registry) -> Mapping[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    definitions: dict[str, Schema] = {}
    names = [OPTIONS_KIND]
    for kind, version in served(registry):
        found = schema_of(kind, version)
        if found is None:
            continue
        definitions[found[0]] = found[1]
        names.append(found[0])
        for operation in of_kind(kind, version):
            place = paths.setdefault(operation.path, {"parameters": _path_parameters(operation.path)})
            place[operation.method] = _operation(kind, operation, found[0])
    definitions.update(
        reachable([*names, *references(paths), *(inner for one in definitions.values() for inner in references(one))])
    )
    return {
        "swagger": "2.0",
        "info": INFO,
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
        "securityDefinitions": {
            "BearerToken": {
                "description": "Bearer Token authentication",
                "type": "apiKey",
                "name": "authorization",
                "in": "header",
            }
        },
        "security": [{"BearerToken": []}],
    }


def answer_of(operation: Operation, own: str) -> str:
    """Return the definition an operation answers."""
    group, version, name = operation.kind
    found = schemas.definition_name(group, version, name) or own
    if operation.method == "delete":
        return STATUS_KIND
    lists = f"{found}List"
    return lists if operation.is_list and lists in schemas.definitions() else found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    named = [name for name in ("name", "namespace") if f"{{{name}}}" in path]
    found: list[dict[str, Any]] = [
        {"uniqueItems": True, "type": "string", "name": name, "in": "path", "required": True} for name in named
    ]
    return [*found, {"uniqueItems": True, "type": "string", "name": "pretty", "in": "query"}]


def _operation(kind: Kind, operation: Operation, own: str) -> dict[str, Any]:
    group, version, name = operation.kind
    definition = answer_of(operation, own)
    reference = {"$ref": f"#/definitions/{definition}"}
    parameters: list[dict[str, Any]] = [
        {"uniqueItems": True, "type": "boolean" if option == "force" else "string", "name": option, "in": "query"}
        for option in operation.options
    ]
    if operation.has_body:
        body = {"$ref": f"#/definitions/{BODIES[operation.method]}"} if operation.method in BODIES else reference
        parameters.append({"name": "body", "in": "body", "required": operation.method != "delete", "schema": body})
    return {
        "description": operation.text,
        "consumes": list(PATCHES) if operation.method == "patch" else ["*/*"],
        "produces": MEDIA,
        "schemes": ["https"],
        "tags": [f"{kind.group.split('.')[0] or 'core'}_{version}"],
        "operationId": operation.identity,
        "parameters": parameters,
        "responses": {"200": {"description": "OK", "schema": reference}, "401": {"description": "Unauthorized"}},
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {"group": group, "kind": name, "version": version},
    }
