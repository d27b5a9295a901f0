"""Every node's kube-proxy: keeps the node's rules while its pod runs; what it wrote stays when it stops.

State is `proxy/<node>`: `{"live": true}` while rules follow the API, or the frozen rules since it stopped.
A node where it never ran has no entry, and no Service address works there.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cluster.apiserver.context import Context
from cluster.machinery.meta import Object, labels, namespace
from cluster.network.endpoints import Endpoint, ServicePort, ServiceTable, service_ports
from cluster.store.interface import Revision, StateBook

PREFIX = "proxy/"
APP = ("k8s-app", "kube-proxy")


def node_ports(table: ServiceTable, state: StateBook, node: str) -> list[ServicePort] | None:
    """Return the service ports that `node` has rules for; None when its kube-proxy never ran."""
    entry = state.get(PREFIX + node)
    if entry is None:
        return None
    return table.ports() if entry["live"] else [_thaw(one) for one in entry["ports"]]


def _thaw(data: dict[str, Any]) -> ServicePort:
    lists = {field: tuple(value) for field, value in data.items() if isinstance(value, list)}
    endpoints = tuple(Endpoint(**one) for one in data["endpoints"])
    return ServicePort(**{**data, **lists, "endpoints": endpoints})


def is_proxy_pod(pod: Object) -> bool:
    return namespace(pod) == "kube-system" and labels(pod).get(APP[0]) == APP[1]


class Proxies:
    """The component that notices kube-proxy pods come up and go down."""

    name = "kube-proxy"

    def __init__(self, context: Context):
        self.context = context
        self._nodes: dict[str, None] = {}

    def resume(self) -> None:
        for pod in self.context.store.list("pods", "kube-system"):
            self._note(pod)
        for key in self.context.state.keys(PREFIX):
            self._nodes[key[len(PREFIX) :]] = None

    def observe(self, revision: Revision) -> None:
        if revision.resource == "pods" and revision.namespace == "kube-system":
            self._note(revision.object)

    def _note(self, pod: Object) -> None:
        node = (pod.get("spec") or {}).get("nodeName")
        if node and is_proxy_pod(pod):
            self._nodes[node] = None

    def next_due(self) -> float | None:
        return self.context.clock.now() if self._nodes else None

    def step(self) -> bool:
        if not self._nodes:
            return False
        node = next(iter(self._nodes))
        del self._nodes[node]
        self._set(node, live=self._runs_on(node))
        return True

    def _runs_on(self, node: str) -> bool:
        return any(
            is_proxy_pod(pod) and pod["spec"].get("nodeName") == node and _is_running(pod)
            for pod in self.context.store.list("pods", "kube-system")
        )

    def _set(self, node: str, *, live: bool) -> None:
        entry = self.context.state.get(PREFIX + node)
        if live and (entry is None or not entry["live"]):
            self.context.state.put(PREFIX + node, {"live": True})
        elif not live and entry is not None and entry["live"]:
            frozen = [asdict(port) for port in service_ports(self.context.store)]
            self.context.state.put(PREFIX + node, {"live": False, "ports": frozen})


def _is_running(pod: Object) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any("running" in (one.get("state") or {}) for one in statuses)
