"""ComponentStatus: deprecated, and asked of the components when somebody reads it.

Simplified: nothing is asked over the network; a component answers when its pod is Ready. Where not even the API
server is a pod, each counts as healthy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.conditions import is_true
from cluster.machinery.errors import not_found
from cluster.machinery.meta import Object, labels

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

# Name → the `component` label of its pods, and where its health is asked.
_NAMES = {
    "etcd-0": ("etcd", "127.0.0.1:2379"),
    "controller-manager": ("kube-controller-manager", "127.0.0.1:10257"),
    "scheduler": ("kube-scheduler", "127.0.0.1:10259"),
}
_WARNING = "v1 ComponentStatus is deprecated in v1.19+"


def _component(server: ApiServer, kind: Kind, name: str) -> Object:
    component, address = _NAMES[name]
    ready = _ready(server)
    refused = f'Get "https://{address}/healthz": dial tcp {address}: connect: connection refused'
    healthy = not ready or component in ready
    condition = {"type": "Healthy", "status": str(healthy), "message": "ok" if healthy else refused}
    return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {"name": name}, "conditions": [condition]}


def _ready(server: ApiServer) -> set[str]:
    """Return the components of the control plane whose pods are Ready; none where it does not run in pods."""
    pods = [pod for pod in server.store.list("pods", "kube-system") if labels(pod).get("tier") == "control-plane"]
    return {labels(pod).get("component", "") for pod in pods if is_true(pod, "Ready")}


def read(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Answer GET and LIST."""
    request.warnings.append(_WARNING)
    if request.verb == "get":
        if request.name not in _NAMES:
            raise not_found(kind.plural, kind.group, request.name)
        return Result(_component(server, kind, request.name))
    items = [_component(server, kind, name) for name in _NAMES]
    metadata: Object = {}
    return Result({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata, "items": items})
