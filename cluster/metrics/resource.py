"""The resource metrics API, `metrics.k8s.io/v1beta1`: PodMetrics and NodeMetrics, and the numbers the HPA asks for.

Stands for metrics-server: it answers while one of its pods is ready, and knows a pod half a minute
after it has started. https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.machinery.clock import Clock, timestamp
from cluster.machinery.ids import Ids
from cluster.machinery.labels import Selector
from cluster.machinery.meta import Object, labels, name, namespace
from cluster.metrics.usage import MACHINE_CPU, MACHINE_MEMORY, RESOLUTION, Usage, container_usage
from cluster.store.interface import StateBook, Store

GROUP = "metrics.k8s.io/v1beta1"
MIRROR = "kubernetes.io/config.mirror"
FIRST = 15.0


class ResourceMetrics:
    """Reads the kubelets' records; writes nothing."""

    def __init__(self, store: Store, state: StateBook, clock: Clock, ids: Ids):
        self.store = store
        self.state = state
        self.clock = clock
        self.ids = ids

    # -- availability ----------------------------------------------------------------------------

    def is_available(self) -> bool:
        """Say whether the API has somebody to answer for it."""
        return any(
            labels(pod).get("k8s-app") == "metrics-server" and _is_ready(pod)
            for pod in self.store.list("pods", "kube-system")
        )

    # -- pods ------------------------------------------------------------------------------------

    def pod_metrics(self, space: str = "", selector: Selector | None = None) -> list[Object]:
        """Return the PodMetrics of a namespace, or of all."""
        found = []
        for pod in self.store.list("pods", space):
            if selector is None or selector.matches(labels(pod)):
                measured = self.measure_pod(pod)
                if measured is not None:
                    found.append(self._pod_object(pod, measured))
        return found

    def measure_pod(self, pod: Object) -> Mapping[str, Usage] | None:
        """Return what each container uses, None while nothing is known of the pod."""
        record = self._record(pod)
        if record is None or record["stage"] != "run":
            return None
        now = self.clock.now()
        specs = [spec for spec in _specs(pod) if self._is_measured(record, spec, now)]
        return {spec["name"]: container_usage(record, spec, now, self.ids) for spec in specs} or None

    def _is_measured(self, record: Mapping[str, Any], spec: Object, now: float) -> bool:
        container = record["containers"].get(spec["name"])
        return bool(container and container["process"] is not None and now - container["startedAt"] >= FIRST)

    def _record(self, pod: Object) -> dict[str, Any] | None:
        identity = ((pod["metadata"].get("annotations") or {}).get(MIRROR)) or pod["metadata"]["uid"]
        found: dict[str, Any] | None = self.state.get(f"kubelet/{pod['spec'].get('nodeName', '')}/{identity}")
        return found

    def _pod_object(self, pod: Object, measured: Mapping[str, Usage]) -> Object:
        meta: dict[str, Any] = {"name": name(pod), "namespace": namespace(pod)}
        meta["creationTimestamp"] = timestamp(self.clock.now())
        if labels(pod):
            meta["labels"] = labels(pod)
        return {
            "kind": "PodMetrics",
            "apiVersion": GROUP,
            "metadata": meta,
            "timestamp": self._moment(),
            "window": "15.0s",
            "containers": [{"name": title, "usage": _quantities(usage)} for title, usage in measured.items()],
        }

    # -- nodes -----------------------------------------------------------------------------------

    def node_metrics(self) -> list[Object]:
        """Return the NodeMetrics of every node whose machine works."""
        found = []
        for node in self.store.list("nodes"):
            machine = self.state.get(f"machine/{name(node)}")
            if machine is not None and machine["powered"]:
                found.append(self._node_object(node))
        return found

    def _node_object(self, node: Object) -> Object:
        total = Usage(MACHINE_CPU, MACHINE_MEMORY)
        for usage in self._on_node(name(node)):
            total = total + usage
        meta: dict[str, Any] = {"name": name(node), "creationTimestamp": timestamp(self.clock.now())}
        meta["labels"] = labels(node)
        return {
            "kind": "NodeMetrics",
            "apiVersion": GROUP,
            "metadata": meta,
            "timestamp": self._moment(),
            "window": "15.0s",
            "usage": _quantities(total),
        }

    def _on_node(self, node: str) -> Iterator[Usage]:
        now = self.clock.now()
        for pod in self.store.list("pods"):
            record = self._record(pod) if pod["spec"].get("nodeName") == node else None
            for spec in _specs(pod) if record else ():
                yield container_usage(record or {}, spec, now, self.ids)

    def _moment(self) -> str:
        return timestamp(self.clock.now() // RESOLUTION * RESOLUTION)

    # -- the autoscaler's questions ----------------------------------------------------------------

    def pod_usage(self, space: str, selector: Selector) -> Mapping[str, Mapping[str, Usage]] | None:
        """Return pod name → container → usage for the HPA; None when the API has nobody to answer."""
        if not self.is_available():
            return None
        measured = {
            name(pod): self.measure_pod(pod) for pod in self.store.list("pods", space) if selector.matches(labels(pod))
        }
        return {pod: usage for pod, usage in measured.items() if usage is not None}


def _specs(pod: Object) -> list[Object]:
    spec = pod["spec"]
    return [*(one for one in spec.get("initContainers") or () if one.get("restartPolicy")), *spec["containers"]]


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _quantities(usage: Usage) -> dict[str, str]:
    return {"cpu": f"{max(int(usage.cpu * 1e9), 0)}n", "memory": f"{usage.memory // 1024}Ki"}
