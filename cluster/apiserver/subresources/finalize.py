"""`namespaces/finalize`: the namespace controller says that all content is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cluster.apiserver import create, objectmeta, read, update
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def finalize(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Take over `spec.finalizers`; the last one gone, a deleted namespace vanishes."""
    body = create.draft_of(request.body or {})
    objectmeta.match_path(body, kind, "", request.name)
    old = read.current(server, kind, request)
    finalizers = (body.get("spec") or {}).get("finalizers") or []
    draft = create.draft_of(old)
    draft["spec"] = {**(old.get("spec") or {}), "finalizers": finalizers}
    if not finalizers:
        draft["spec"].pop("finalizers")
    done = not finalizers and not old["metadata"].get("finalizers")
    if old["metadata"].get("deletionTimestamp") and done:
        return Result(server.erase(kind, draft, request))
    return Result(update.change(server, kind, request, draft, old))


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {"update": finalize}
