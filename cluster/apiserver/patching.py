"""PATCH: the four patch types over the update path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver import create, objectmeta, read, update
from cluster.apiserver.conversion import from_stored, to_stored
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object
from cluster.machinery.patch import jsonpatch, merge

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
    old = read.current(server, kind, request)
    patched = _patched(from_stored(kind, request.version, old), request)
    draft = to_stored(kind, request.version, patched)
    objectmeta.match_path(draft, kind, request.namespace, request.name)
    kind.default(draft)
    return Result(from_stored(kind, request.version, update.change(server, kind, request, draft, old)))


def _patched(obj: Object, request: Request) -> Object:
    copy = create.draft_of(obj)
    if request.patch_type == "json":
        return jsonpatch.apply(copy, request.body)
    return merge.apply(copy, request.body)
