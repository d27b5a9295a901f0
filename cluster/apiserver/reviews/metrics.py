"""The resource metrics API, where an APIService hands `metrics.k8s.io` to metrics-server.

An aggregated API in a real cluster; here its answers come through the port `Metrics`. Without the
APIService the group does not exist; without a ready metrics-server it answers 503.
https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import NAME
from cluster.machinery import labels
from cluster.machinery.errors import StatusError, not_found
from cluster.machinery.meta import Object, name
from cluster.store.interface import Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

APISERVICES = "apiservices.apiregistration.k8s.io"
GROUP = "metrics.k8s.io"
_COLUMNS = (NAME, Column("CPU"), Column("Memory"), Column("Window"))


def _row(obj: Object, now: float) -> Sequence[Any]:
    parts = obj.get("containers") or [{}]
    usage: dict[str, Any] = obj.get("usage") or parts[0].get("usage") or {}
    return name(obj), usage.get("cpu", ""), usage.get("memory", ""), obj.get("window", "")


def _kind(kind: str, plural: str, *, namespaced: bool) -> Kind:
    return Kind(
        group=GROUP,
        version="v1beta1",
        kind=kind,
        plural=plural,
        namespaced=namespaced,
        verbs=("get", "list"),
        stored=False,
        columns=_COLUMNS,
        row=_row,
    )


KINDS = (_kind("NodeMetrics", "nodes", namespaced=False), _kind("PodMetrics", "pods", namespaced=True))


def aggregated_kinds(store: Store) -> tuple[Kind, ...]:
    """Return the kinds of the metrics API while an APIService registers it."""
    service = store.get(APISERVICES, "", f"v1beta1.{GROUP}")
    return KINDS if service is not None and service["spec"].get("service") else ()


def read(server: ApiServer, kind: Kind, request: Request) -> Result:
    """Answer GET and LIST."""
    source = server.metrics
    if source is None or not source.is_available():
        raise StatusError(503, "ServiceUnavailable", "the server is currently unable to handle the request")
    found = source.pod_metrics(request.namespace) if kind.namespaced else source.node_metrics()
    if request.verb == "get":
        item = next((one for one in found if name(one) == request.name), None)
        if item is None:
            kind_name = "podmetrics" if kind.namespaced else "nodemetrics"
            title = f"{request.namespace}/{request.name}" if kind.namespaced else request.name
            raise not_found(kind_name, GROUP, title)
        return Result(item)
    selector = labels.parse(request.label_selector)
    items = [one for one in found if selector.matches(one["metadata"].get("labels"))]
    return Result({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": {}, "items": items})
