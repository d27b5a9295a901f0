"""ComponentStatus: deprecated, and asked of the components when somebody reads it. Here each answers `ok`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.errors import not_found
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_NAMES = ("etcd-0", "controller-manager", "scheduler")
_WARNING = "v1 ComponentStatus is deprecated in v1.19+"


def _component(kind: Kind, name: str) -> Object:
    healthy = {"type": "Healthy", "status": "True", "message": "ok"}
    return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {"name": name}, "conditions": [healthy]}


def read(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Answer GET and LIST."""
    request.warnings.append(_WARNING)
    if request.verb == "get":
        if request.name not in _NAMES:
            raise not_found(kind.plural, kind.group, request.name)
        return Result(_component(kind, request.name))
    items = [_component(kind, name) for name in _NAMES]
    metadata: Object = {}
    return Result({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items})
