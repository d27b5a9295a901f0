"""`pods/ephemeralcontainers` and `pods/resize`: the two parts of a running pod's spec that may change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import bodies, create, objectmeta, patching, read, update
from cluster.apiserver.request import Request, Result
from cluster.kinds import wire
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

Handler = Callable[["ApiServer", Kind, Request], Result]
Keep = Callable[[Object, Object], Object]


def _only_debug(draft: Object, old: Object) -> Object:
    """Take nothing but ephemeralContainers."""
    spec = {field: value for field, value in old["spec"].items() if field != "ephemeralContainers"}
    given = (draft.get("spec") or {}).get("ephemeralContainers")
    return _with_spec(old, draft, {**spec, "ephemeralContainers": given} if given else spec)


def _only_resources(draft: Object, old: Object) -> Object:
    """Take nothing but the containers' resources and resize policies."""
    spec = dict(old["spec"])
    for field in ("containers", "initContainers"):
        given = {item.get("name"): item for item in (draft.get("spec") or {}).get(field) or ()}
        if field in spec:
            spec[field] = [_resized(container, given.get(container["name"])) for container in spec[field]]
    return _with_spec(old, draft, spec)


def _resized(container: dict[str, Any], given: dict[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return container
    return {**container, **{field: given[field] for field in ("resources", "resizePolicy") if field in given}}


def _with_spec(old: Object, draft: Object, spec: Object) -> Object:
    metadata = {**old["metadata"], "resourceVersion": draft["metadata"].get("resourceVersion") or ""}
    return create.draft_of({**old, "metadata": metadata, "spec": spec})


def _updating(keep: Keep) -> Mapping[str, Handler]:
    def replace(server: ApiServer, kind: Kind, request: Request) -> Result:
        old = read.current(server, kind, request)
        draft = create.draft_of(request.body)
        bodies.examine(kind, request, draft)
        objectmeta.match_path(draft, kind, request.namespace, request.name)
        objectmeta.require_name(draft, request.name)
        wire.normalise(kind.group, kind.version, kind.kind, draft)
        kind.default(draft)
        return Result(update.change(server, kind, request, keep(draft, old), old))

    def patch(server: ApiServer, kind: Kind, request: Request) -> Result:
        old = read.current(server, kind, request)
        draft = patching.patched(server, kind, request, old)
        return Result(update.change(server, kind, request, keep(draft, old), old))

    return {"get": read.get, "update": replace, "patch": patch}


EPHEMERAL = _updating(_only_debug)
RESIZE = _updating(_only_resources)
