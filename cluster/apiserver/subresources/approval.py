"""`certificatesigningrequests/approval`: a person says yes or no; only conditions change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cluster.apiserver import create, patching, read, update
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def _approved(server: ApiServer, old: Object, draft: Object) -> Object:
    conditions = (draft.get("status") or {}).get("conditions") or []
    now = server.now()
    for condition in conditions:
        condition.setdefault("lastUpdateTime", now)
        condition.setdefault("lastTransitionTime", now)
    status = {**(old.get("status") or {}), "conditions": conditions}
    metadata = {**old["metadata"], "resourceVersion": draft["metadata"].get("resourceVersion") or ""}
    return create.draft_of({**old, "metadata": metadata, "status": status})


def replace(server: ApiServer, kind: Kind, request: Request) -> Result:
    old = read.current(server, kind, request)
    draft = _approved(server, old, create.draft_of(request.body))
    return Result(update.change(server, kind, request, draft, old))


def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
    old = read.current(server, kind, request)
    draft = _approved(server, old, patching.patched(server, kind, request, old))
    return Result(update.change(server, kind, request, draft, old))


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {
    "get": read.get,
    "update": replace,
    "patch": patch,
}
