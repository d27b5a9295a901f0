"""PATCH: the four patch types over the update path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from cluster.apiserver import bodies, create, lookup, objectmeta, read, update
from cluster.apiserver.conversion import api_version, from_stored, to_stored
from cluster.apiserver.custom import CustomKind
from cluster.apiserver.defaulting import default
from cluster.apiserver.managed import applying
from cluster.apiserver.request import Request, Result
from cluster.apiserver.strictness import word_of
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request, invalid
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.jsonpath import go_show
from cluster.machinery.meta import Object
from cluster.machinery.patch import jsonpatch, merge, strategic

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


_MOST_OPERATIONS = 10_000
_SCHEME = "pkg/api/legacyscheme/scheme.go:30"


def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
    if request.patch_type == "apply":
        return applying.apply(server, kind, request)
    old = read.current(server, kind, request)
    draft = patched(server, kind, request, old)
    return Result(from_stored(kind, request.version, update.change(server, kind, request, draft, old)))


def patched(server: ApiServer, kind: Kind, request: Request, old: Object) -> Object:
    """Return a draft of `old` with the request's patch applied, defaulted and in stored form."""
    changed = applied(kind, request, create.draft_of(from_stored(kind, request.version, old)))
    _check_type(kind, request, changed)
    if request.patch_type == "strategic" and isinstance(changed.get("kind"), str):
        changed["kind"] = kind.kind  # what it calls itself frees none of its fields from their types
    bodies.examine(kind, request, changed, refusal(request, changed))
    draft = to_stored(kind, request.version, changed)
    objectmeta.match_path(draft, kind, request.namespace, request.name)
    objectmeta.require_name(draft, request.name)
    draft["apiVersion"], draft["kind"] = kind.api_version, kind.kind
    wire.normalise(kind.group, kind.version, kind.kind, draft)
    default(server, kind, request, draft)
    return draft


def _check_type(kind: Kind, request: Request, changed: Object) -> None:
    """Refuse a patch that makes the object one of another kind. A strategic merge is never decoded, so may say so."""
    name, version = changed.get("kind"), changed.get("apiVersion")
    if name == kind.kind and version == api_version(kind, request.version):
        return
    if not request.field_validation or request.patch_type == "strategic" or isinstance(kind, CustomKind):
        return
    text = bodies.untyped(changed) or f'no kind "{name}" is registered for version "{version}" in scheme "{_SCHEME}"'
    raise refusal(request, changed)(text, text)


def refusal(request: Request, changed: Object) -> bodies.Refuse:
    """Return how an object that a patch has spoilt is refused."""

    def refuse(decoder: str, converter: str) -> StatusError:
        if request.patch_type == "strategic":
            return _refused(go_show(request.body), converter)
        return _refused(orjson.dumps(changed).decode(), decoder)

    return refuse


def _refused(value: str, why: str) -> StatusError:
    return invalid("", "", "", [invalid_value("patch", value, why)])


def applied(kind: Kind, request: Request, copy: Object) -> Object:
    """Return `copy` with the request's patch applied, not yet looked at."""
    apply = PATCHES.get(request.patch_type)
    if apply is None:
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type")
    changed = _attempt(apply, kind, request, copy)
    if not isinstance(changed, dict):
        raise _refused(orjson.dumps(changed).decode(), _no_map(changed))
    return create.draft_of(changed)  # refuses what a patch has nested too deep to be written


def _attempt(apply: Callable[[Kind, Request, Object], Any], kind: Kind, request: Request, copy: Object) -> Any:
    try:
        return apply(kind, request, copy)
    except jsonpatch.PatchError as error:
        raise StatusError(422, "Invalid", "the server rejected our request due to an error in our request") from error
    except strategic.BadPatchFormat as error:
        raise bad_request(str(error)) from None
    except strategic.StrategicPatchError as error:
        # The real server takes these for faults of its own.
        raise StatusError(500, "", str(error)) from None


def _json(kind: Kind, request: Request, copy: Object) -> Any:
    if not isinstance(request.body, list):
        found = word_of(request.body)
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp"
        )
    for operation in request.body:
        _check_operation(operation)
    if len(request.body) > _MOST_OPERATIONS:
        text = f"The allowed maximum operations in a JSON patch is {_MOST_OPERATIONS}, got {len(request.body)}"
        raise StatusError(413, "RequestEntityTooLarge", f"Request entity too large: {text}")
    return jsonpatch.apply(copy, request.body)


def _check_operation(operation: Any) -> None:
    if not isinstance(operation, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal into Go value of type handlers.jsonPatchOp")
    for field in ("op", "path", "from"):
        if not isinstance(operation.get(field, ""), str):
            text = f"cannot unmarshal into Go struct field jsonPatchOp.{field} of type string"
            raise bad_request(f"error decoding patch: json: {text}")


def _merge(kind: Kind, request: Request, copy: Object) -> Any:
    if not isinstance(request.body, dict) and request.field_validation:
        raise bad_request(f"error decoding patch: {_no_map(request.body)}")
    return merge.apply(copy, request.body)


def _no_map(body: Any) -> str:
    return f"json: cannot unmarshal {word_of(body)} into Go value of type map[string]interface {{}}"


def _strategic(kind: Kind, request: Request, copy: Object) -> Any:
    schema = lookup.of_kind(kind, request.version)
    if schema is None:
        raise StatusError(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        )
    if not isinstance(request.body, dict):
        raise bad_request(_no_map(request.body))
    return strategic.apply(copy, request.body, schema)


PATCHES: Mapping[str, Callable[[Kind, Request, Object], Any]] = {
    "json": _json,
    "merge": _merge,
    "strategic": _strategic,
}
