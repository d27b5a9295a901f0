"""The pod garbage collector: pods of nodes that are gone, terminating pods that never had a node.

Follows pkg/controller/podgc. Left out: the limit of 12,500 finished pods, which no lab reaches.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cluster.apiserver.context import Context
from cluster.controllers.base import Controller, Handler, split
from cluster.controllers.pods import is_finished
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, key as key_of, meta, name, namespace, uid
from cluster.store.interface import Revision

PERIOD = 20.0
QUARANTINE = 40.0


class PodGarbageCollector(Controller):
    """Keys are pods; they wait for the next round, and a node's absence must last the quarantine."""

    name = "podgc"
    account = "pod-garbage-collector"
    source = "pod-garbage-collector"

    def __init__(self, context: Context):
        super().__init__(context)
        self._missing: dict[str, float] = {}

    def watches(self) -> Mapping[str, Handler]:
        return {"pods": self._pod_changed, "nodes": self._node_changed}

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            return ()
        pod = revision.object
        node = pod["spec"].get("nodeName")
        lost = bool(node) and self.store.get("nodes", "", node) is None
        return self._next_round(key_of(pod)) if lost or (not node and is_deleting(pod)) else ()

    def _node_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            for pod in self.store.pods_on(revision.name):
                yield from self._next_round(key_of(pod))
        elif revision.verb == "ADDED":
            self._missing.pop(revision.name, None)

    def _next_round(self, key: str) -> Iterable[str]:
        """The real one looks at all pods every twenty seconds."""
        return self.later(key, PERIOD - self.clock.now() % PERIOD)

    def reconcile(self, key: str) -> float | None:
        pod = self.store.get("pods", *split(key))
        if pod is None:
            return None
        node = pod["spec"].get("nodeName")
        if not node:
            if is_deleting(pod):
                self._collect(pod, None)
            return None
        if self.store.get("nodes", "", node) is not None:
            self._missing.pop(node, None)
            return None
        since = self._missing.setdefault(node, self.clock.now())
        wait = since + QUARANTINE - self.clock.now()
        if wait > 0:
            return wait
        self._collect(pod, "PodGC: node no longer exists")
        return None

    def _collect(self, pod: Object, disruption: str | None) -> None:
        """Mark the pod failed, then delete it without grace."""
        if disruption is not None and not is_finished(pod):
            pod = self._fail(pod, disruption)
        try:
            options = {"gracePeriodSeconds": 0, "preconditions": {"uid": uid(pod)}}
            self.client.delete("pods", name(pod), namespace(pod), options)
        except StatusError as error:
            if error.code != 404:
                raise

    def _fail(self, pod: Object, disruption: str) -> Object:
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": meta(pod).get("generation", 1),
            "status": "True",
            "lastTransitionTime": timestamp(self.clock.now()),
            "reason": "DeletionByPodGC",
            "message": disruption,
        }
        patch = {"status": {"phase": "Failed", "conditions": [condition]}}
        return self.client.patch("pods", name(pod), patch, namespace(pod), patch_type="strategic", subresource="status")
