"""PATCH: the four patch types over the update path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import bodies, create, lookup, objectmeta, read, update
from cluster.apiserver.conversion import from_stored, to_stored
from cluster.apiserver.managed import applying
from cluster.apiserver.request import Request, Result
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request
from cluster.machinery.meta import Object
from cluster.machinery.patch import jsonpatch, merge, strategic

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
    if request.patch_type == "apply":
        return applying.apply(server, kind, request)
    old = read.current(server, kind, request)
    draft = patched(kind, request, old)
    return Result(from_stored(kind, request.version, update.change(server, kind, request, draft, old)))


def patched(kind: Kind, request: Request, old: Object) -> Object:
    """Return a draft of `old` with the request's patch applied, defaulted and in stored form."""
    changed = _patch(kind, request, create.draft_of(from_stored(kind, request.version, old)))
    if not isinstance(changed, dict):
        raise bad_request("cannot restore struct from: " + type(changed).__name__)
    bodies.examine(kind, request, changed)
    draft = to_stored(kind, request.version, changed)
    objectmeta.match_path(draft, kind, request.namespace, request.name)
    draft["apiVersion"], draft["kind"] = kind.api_version, kind.kind
    wire.normalise(kind.group, kind.version, kind.kind, draft)
    kind.default(draft)
    return draft


def _patch(kind: Kind, request: Request, copy: Object) -> Any:
    try:
        return PATCHES[request.patch_type](kind, request, copy)
    except KeyError:
        raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type") from None
    except jsonpatch.PatchError as error:
        raise StatusError(422, "Invalid", "the server rejected our request due to an error in our request") from error
    except strategic.StrategicPatchError as error:
        raise bad_request(str(error)) from None


def _json(kind: Kind, request: Request, copy: Object) -> Any:
    if not isinstance(request.body, list):
        found = "object" if isinstance(request.body, dict) else "string"
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp"
        )
    return jsonpatch.apply(copy, request.body)


def _merge(kind: Kind, request: Request, copy: Object) -> Any:
    return merge.apply(copy, request.body)


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
        raise bad_request("invalid JSON document")
    return strategic.apply(copy, request.body, schema)


PATCHES: Mapping[str, Callable[[Kind, Request, Object], Any]] = {
    "json": _json,
    "merge": _merge,
    "strategic": _strategic,
}
