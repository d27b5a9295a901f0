"""GET and LIST: selectors, pages and resource versions.

Follows https://kubernetes.io/docs/reference/using-api/api-concepts/ .
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.apiserver import paging
from cluster.apiserver.conversion import api_version, from_stored
from cluster.apiserver.request import Request, Result
from cluster.apiserver.selection import Selection
from cluster.kinds.kind import Kind
from cluster.machinery.errors import not_found
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def get(server: ApiServer, kind: Kind, request: Request) -> Result:
    if request.resource_version:
        _check_seen(server, request.resource_version)
    return Result(from_stored(kind, request.version, current(server, kind, request)))


def _check_seen(server: ApiServer, version: str) -> None:
    """A client that has seen a newer revision than this server must come again; an older one is served the newest."""
    paging.check_version(version)
    newest = server.store.revision
    if int(version) > newest:
        raise paging.too_large_version(int(version), newest)


def current(server: ApiServer, kind: Kind, request: Request) -> Object:
    """Return the stored object a request names; 404 when there is none."""
    obj = server.store.get(kind.key, request.namespace if kind.namespaced else "", request.name)
    if obj is None:
        raise not_found(kind.plural, kind.group, request.name)
    return obj


def list_objects(server: ApiServer, kind: Kind, request: Request) -> Result:
    page = paging.read(server.store, kind, request)
    items: Sequence[Object] = page.items
    if kind.convert.get(request.version):
        items = [from_stored(kind, request.version, obj) for obj in items]
    metadata: dict[str, Any] = {"resourceVersion": str(page.revision)}
    if page.token:
        metadata["continue"] = page.token
        if page.remaining is not None:
            metadata["remainingItemCount"] = page.remaining
    version = api_version(kind, request.version)
    return Result({"kind": f"{kind.kind}List", "apiVersion": version, "metadata": metadata, "items": list(items)})


def selected(server: ApiServer, kind: Kind, request: Request) -> list[Object]:
    """Return all objects a request's selectors choose."""
    return Selection.of(kind, request).filter(server.store.list(kind.key, request.namespace))
