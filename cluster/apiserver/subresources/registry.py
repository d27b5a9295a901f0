"""All subresources by name: one file each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, Result
from cluster.apiserver.subresources import status
from cluster.kinds.kind import Kind
from cluster.machinery.errors import no_such_path

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

Handler = Callable[["ApiServer", Kind, Request], Result]

SUBRESOURCES: Mapping[str, Mapping[str, Handler]] = {
    "status": status.HANDLERS,
}


def handler(kind: Kind, request: Request) -> Handler:
    """Return what answers a subresource request; 404 when the kind has no such subresource."""
    if not any(sub.name == request.subresource for sub in kind.subresources):
        raise no_such_path()
    found = SUBRESOURCES.get(request.subresource, {}).get(request.verb)
    if found is None:
        raise no_such_path()
    return found
