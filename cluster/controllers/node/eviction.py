"""Taint eviction: pods leave a node with a NoExecute taint, at once or when their toleration runs out.

https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers.base import Controller, Handler, split
from cluster.controllers.pods import is_finished
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, key as key_of, meta, name, namespace
from cluster.machinery.tolerations import tolerates
from cluster.store.interface import Revision

Taint = dict[str, Any]


class TaintEvictionController(Controller):
    name = "taint-eviction"
    account = "node-controller"
    source = "taint-eviction-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self._since: dict[str, float] = {}  # pod key -> when its eviction was first foreseen

    def watches(self) -> Mapping[str, Handler]:
        return {"nodes": self._node_changed, "pods": self._pod_changed}

    def _node_changed(self, revision: Revision) -> Iterable[str]:
        before = _evicting(revision.previous) if revision.previous is not None else []
        if revision.verb != "DELETED" and before != _evicting(revision.object):
            for pod in self.store.pods_on(revision.name):
                yield key_of(pod)

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        pod = revision.object
        if revision.verb == "DELETED":
            self._since.pop(key_of(pod), None)
            return ()
        before = revision.previous
        node = pod["spec"].get("nodeName")
        moved = before is None or before["spec"].get("nodeName") != node
        return (key_of(pod),) if node and moved else ()

    def reconcile(self, key: str) -> float | None:
        pod = self.store.get("pods", *split(key))
        node = self.store.get("nodes", "", pod["spec"].get("nodeName", "")) if pod is not None else None
        if pod is None or node is None or is_deleting(pod) or is_finished(pod):
            self._since.pop(key, None)
            return None
        taints = _evicting(node)
        if not taints:
            if self._since.pop(key, None) is not None:
                self.events.record(pod, "Normal", "TaintManagerEviction", f"Cancelling deletion of Pod {key}")
            return None
        seconds = _tolerated_for(pod, taints)
        if seconds is None:
            return None
        since = self._since.setdefault(key, min(_added(each, self.clock.now()) for each in taints))
        wait = since + seconds - self.clock.now()
        if wait > 0:
            return wait
        self._evict(pod)
        return None

    def _evict(self, pod: Object) -> None:
        self.events.record(pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key_of(pod)}")
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": meta(pod).get("generation", 1),
            "status": "True",
            "lastTransitionTime": timestamp(self.clock.now()),
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
        }
        patch = {"status": {"conditions": [condition]}}
        try:
            self.client.patch("pods", name(pod), patch, namespace(pod), patch_type="strategic", subresource="status")
            self.client.delete("pods", name(pod), namespace(pod))
        except StatusError as error:
            if error.code != 404:
                raise
        self._since.pop(key_of(pod), None)


def _evicting(node: Object) -> list[Taint]:
    return [each for each in (node.get("spec") or {}).get("taints") or () if each["effect"] == "NoExecute"]


def _added(taint: Taint, now: float) -> float:
    return parse_timestamp(taint["timeAdded"]) if taint.get("timeAdded") else now


def _tolerated_for(pod: Object, taints: list[Taint]) -> float | None:
    """Return how long the pod may stay: 0 when a taint is not tolerated, None for ever."""
    shortest: float | None = None
    for taint in taints:
        matching = [each for each in pod["spec"].get("tolerations") or () if tolerates(each, taint)]
        if not matching:
            return 0.0
        for toleration in matching:
            if toleration.get("tolerationSeconds") is not None:
                seconds = max(0.0, float(toleration["tolerationSeconds"]))
                shortest = seconds if shortest is None else min(shortest, seconds)
    return shortest
