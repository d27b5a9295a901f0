"""All subresources by name: one file each. log, exec, attach, portforward and proxy belong to the HTTP shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, Result
from cluster.apiserver.subresources import approval, binding, eviction, finalize, podparts, scale, status, token
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, no_such_path

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

Handler = Callable[["ApiServer", Kind, Request], Result]

SUBRESOURCES: Mapping[str, Mapping[str, Handler]] = {
    "approval": approval.HANDLERS,
    "binding": binding.HANDLERS,
    "ephemeralcontainers": podparts.EPHEMERAL,
    "eviction": eviction.HANDLERS,
    "finalize": finalize.HANDLERS,
    "resize": podparts.RESIZE,
    "scale": scale.HANDLERS,
    "status": status.HANDLERS,
    "token": token.HANDLERS,
}


def handler(kind: Kind, request: Request) -> Handler:
    """Return what answers a subresource request; 404 when the kind has no such subresource."""
    if not any(sub.name == request.subresource for sub in kind.subresources):
        raise no_such_path()
    found = SUBRESOURCES.get(request.subresource)
    if found is None:
        raise no_such_path()
    if request.verb not in found:
        raise StatusError(
            405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}
        )
    return found[request.verb]
