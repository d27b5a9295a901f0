"""kube-scheduler: takes one pod at a time, decides, and binds it through the API.

https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/
The Lease is renewed when it works and the last renewal is old, as the controller manager's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cluster.apiserver.context import Context
from cluster.apiserver.request import User, component
from cluster.machinery import volumes
from cluster.machinery.clock import micro_timestamp, timestamp
from cluster.machinery.conditions import find, of
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, is_deleting, labels, meta, name, namespace, uid
from cluster.scheduler.cycle import Nominations, decide
from cluster.scheduler.decision import Decision
from cluster.scheduler.framework import NODE_ADDED, NODE_CHANGED, POD_BOUND, POD_GONE, VOLUME, Cycle
from cluster.scheduler.nodes import Nodes
from cluster.scheduler.plugins.registry import PLUGINS
from cluster.scheduler.plugins.volumebinding import chosen_on, claim_keys
from cluster.scheduler.podinfo import PodInfo, pod_info
from cluster.scheduler.preemption import Candidate, preempt
from cluster.scheduler.queue import Entry, SchedulingQueue
from cluster.store.interface import Revision

NAME = "kube-scheduler"
SOURCE = "default-scheduler"
KEPT_DECISIONS = 256
RENEW = 60.0
_VOLUME_KINDS = frozenset({"persistentvolumes", "persistentvolumeclaims", "storageclasses.storage.k8s.io"})
_WAITS = {plugin.name: plugin.waits_for for plugin in PLUGINS}


class Scheduler:
    """The component; `decisions` of the latest pods are in the state book under `scheduler/decisions/`."""

    name = NAME

    def __init__(self, context: Context):
        self.context = context
        self.client = context.client
        self.store = context.store
        self.clock = context.clock
        self.nodes = Nodes()
        self.queue = SchedulingQueue(context.clock)
        self.nominations = Nominations()
        self._binding: dict[str, tuple[PodInfo, str]] = {}  # uid -> pod that waits for its volumes, node
        self._decided: dict[str, None] = {}
        self._causes: dict[str, str] = {}
        self._renewed: float | None = None
        self._handlers: dict[str, Callable[[Revision], None]] = {
            "pods": self._pod_changed,
            "nodes": self._node_changed,
            **dict.fromkeys(_VOLUME_KINDS, self._volume_changed),
        }

    @classmethod
    def identity(cls) -> User:
        return component("system:kube-scheduler")

    def resume(self) -> None:
        self.nodes.clear()
        self.queue.clear()
        self.nominations = Nominations()
        self._binding.clear()
        self._renewed = None
        self._decided = dict.fromkeys(self.context.state.keys("scheduler/decisions/"))
        for node in self.store.list("nodes"):
            self.nodes.set_node(node)
        waiting = [pod for pod in self.store.list("pods") if not self._admit(pod)]
        for pod in sorted(waiting, key=lambda each: int(meta(each)["resourceVersion"])):
            if self._is_mine(pod):
                self._enqueue(pod)

    def _admit(self, pod: Object) -> bool:
        """Account a pod that has a node; return whether it has one."""
        if not pod["spec"].get("nodeName"):
            return False
        if (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            self.nodes.add_pod(pod_info(pod))
        return True

    def observe(self, revision: Revision) -> None:
        handler = self._handlers.get(revision.resource)
        if handler is not None:
            handler(revision)

    def _node_changed(self, revision: Revision) -> None:
        node, before = revision.object, revision.previous
        if revision.verb == "DELETED":
            self.nodes.drop_node(name(node))
            return
        if before is None:
            self.nodes.set_node(node)
            self.queue.happened(NODE_ADDED)
        elif _matters(before) != _matters(node):
            self.nodes.set_node(node)
            self.queue.happened(NODE_CHANGED)

    def _volume_changed(self, revision: Revision) -> None:
        self.queue.happened(VOLUME)

    def _pod_changed(self, revision: Revision) -> None:
        pod = revision.object
        key = uid(pod)
        finished = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
        if revision.verb == "DELETED" or finished:
            self._forget(key)
        elif pod["spec"].get("nodeName"):
            self._bound(pod)
        elif self._is_mine(pod):
            self._waiting(pod, revision)
        else:
            self.queue.drop(key)

    def _forget(self, key: str) -> None:
        self.queue.drop(key)
        self.nominations.drop(key)
        self._binding.pop(key, None)
        if self.nodes.remove_pod(key):
            self.queue.happened(POD_GONE)

    def _bound(self, pod: Object) -> None:
        key = uid(pod)
        self.queue.drop(key)
        self.nominations.drop(key)
        self._binding.pop(key, None)
        known = self.nodes.holds(key)
        if known is not None and _same_needs(known.obj, pod):
            known.obj = pod
            return
        was = known.obj if known is not None else None
        self.nodes.add_pod(pod_info(pod))
        if was is None or labels(was) != labels(pod):
            self.queue.happened(POD_BOUND)
        if was is not None and was["spec"] != pod["spec"]:
            self.queue.happened(POD_GONE)

    def _waiting(self, pod: Object, revision: Revision) -> None:
        before = revision.previous
        if uid(pod) in self._binding:
            return
        if before is not None and before["spec"] == pod["spec"] and labels(before) == labels(pod):
            if uid(pod) in self.queue:
                self.queue.refresh(pod_info(pod))
            return
        self._causes[uid(pod)] = str(revision.number)
        self._enqueue(pod)

    def _enqueue(self, pod: Object) -> None:
        info = pod_info(pod)
        nominated = (pod.get("status") or {}).get("nominatedNodeName")
        if nominated:
            self.nominations.add(info, nominated)
        self.queue.add(info)

    def _is_mine(self, pod: Object) -> bool:
        """Pods of another scheduler, gated ones and those on their way out are left alone."""
        spec = pod["spec"]
        if (spec.get("schedulerName") or SOURCE) != SOURCE or spec.get("schedulingGates"):
            return False
        return not spec.get("nodeName") and not is_deleting(pod)

    def next_due(self) -> float | None:
        moments = [self.queue.next_due()]
        if any(self._volumes_ready(info) for info, _ in self._binding.values()):
            moments.append(self.clock.now())
        return min((moment for moment in moments if moment is not None), default=None)

    def step(self) -> bool:
        """Bind a pod whose volumes are bound, or schedule the next one."""
        for key, (info, node) in self._binding.items():
            if self._volumes_ready(info):
                del self._binding[key]
                self._bind(info, node)
                return True
        entry = self.queue.pop()
        if entry is None:
            return False
        self._renew()
        latest = self.store.get("pods", entry.info.namespace, entry.info.key.partition("/")[2])
        if latest is not None and uid(latest) == entry.info.uid and self._is_mine(latest):
            self.client = self.context.client.because(self._causes.pop(entry.info.uid, ""))
            self._schedule(entry)
        return True

    def _schedule(self, entry: Entry) -> None:
        cycle = Cycle(entry.info, self.nodes, self.store)
        decision = decide(cycle, self.nominations, self.context.ids, self.clock.now())
        if not decision.node:
            self._fail(entry, cycle, decision)
        elif self._start_binding(entry, cycle, decision.node):
            self._keep(entry.info, decision)

    def _start_binding(self, entry: Entry, cycle: Cycle, node: str) -> bool:
        """Bind now, or first the volumes; a refused write puts the pod back."""
        try:
            waiting = self._bind_volumes(entry.info, chosen_on(cycle, node), node)
            if waiting:
                self._binding[entry.info.uid] = (entry.info, node)
            else:
                self._bind(entry.info, node)
            return True
        except StatusError as error:
            if error.code == 404:
                return False
            self._report(entry.info, "SchedulerError", error.message)
            self.queue.park(entry, frozenset(), frozenset({NODE_ADDED, NODE_CHANGED, POD_GONE, VOLUME}))
            return False

    def _bind_volumes(self, info: PodInfo, chosen: list[tuple[Object, Object | None]], node: str) -> bool:
        """Point the chosen volumes at their claims, or ask for them to be made on this node."""
        if chosen:
            status = {"status": {"nominatedNodeName": node}}
            self.client.patch("pods", name(info.obj), status, info.namespace, subresource="status")
        for claim, volume in chosen:
            if volume is None:
                notes = {"metadata": {"annotations": {volumes.SELECTED_NODE: node}}}
                self.client.patch("persistentvolumeclaims", name(claim), notes, namespace(claim))
            elif not (volume["spec"].get("claimRef") or {}).get("uid"):
                self.client.update("persistentvolumes", _claimed(volume, claim))
        return bool(chosen)

    def _volumes_ready(self, info: PodInfo) -> bool:
        for key in claim_keys(info.obj):
            claim = self.store.get("persistentvolumeclaims", *key.split("/", 1))
            if claim is None or not volumes.is_bound(claim) or (claim.get("status") or {}).get("phase") != "Bound":
                return False
        return True

    def _bind(self, info: PodInfo, node: str) -> None:
        pod_name = name(info.obj)
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": pod_name, "namespace": info.namespace, "uid": info.uid},
            "target": {"kind": "Node", "name": node},
        }
        self.client.create("pods", binding, info.namespace, name=pod_name, subresource="binding")
        self._assume(info, pod_name)
        message = f"Successfully assigned {info.key} to {node}"
        self.context.events.record(info.obj, "Normal", "Scheduled", message)

    def _assume(self, info: PodInfo, pod_name: str) -> None:
        """Account the pod at once: the next cycle may come before the write is observed."""
        bound = self.store.get("pods", info.namespace, pod_name)
        if bound is not None:
            info.obj = bound
            self.nodes.add_pod(info)
            self.nominations.drop(info.uid)
            self.queue.happened(POD_BOUND)

    def _fail(self, entry: Entry, cycle: Cycle, decision: Decision) -> None:
        candidate = preempt(cycle, decision) if decision.total else None
        if candidate is not None:
            decision.nominated = candidate.node
        waits = frozenset({NODE_ADDED}).union(*(_WAITS.get(plugin, frozenset()) for plugin in decision.plugins()))
        self.queue.park(entry, decision.plugins(), waits)
        self._report(entry.info, "Unschedulable", decision.message(), decision.nominated)
        self._keep(entry.info, decision)
        if candidate is not None:
            with suppress(StatusError):  # what may not be evicted stays, and the pod waits
                self._evict(entry.info, candidate)

    def _report(self, info: PodInfo, reason: str, message: str, nominated: str = "") -> None:
        """Say it in an Event and in the PodScheduled condition."""
        self.context.events.record(info.obj, "Warning", "FailedScheduling", message)
        latest = self.store.get("pods", info.namespace, name(info.obj))
        if latest is None:
            return
        condition = _unscheduled(latest, reason, message, timestamp(self.clock.now()))
        status: dict[str, Any] = {"conditions": [condition]}
        if nominated:
            status["nominatedNodeName"] = nominated
            self.nominations.add(info, nominated)
        old = of(latest, "PodScheduled")
        same = old is not None and (old["reason"], old.get("message")) == (reason, message)
        if same and (not nominated or (latest.get("status") or {}).get("nominatedNodeName") == nominated):
            return
        patch = {"status": status}
        with suppress(StatusError):  # one that may not write statuses goes on scheduling; the Event has said it
            self.client.patch("pods", name(latest), patch, info.namespace, patch_type="strategic", subresource="status")

    def _evict(self, info: PodInfo, candidate: Candidate) -> None:
        now = timestamp(self.clock.now())
        for victim in candidate.victims:
            pod = self.store.get("pods", victim.namespace, name(victim.obj))
            if pod is None or is_deleting(pod):
                continue
            condition = {
                "type": "DisruptionTarget",
                "observedGeneration": meta(pod).get("generation", 1),
                "status": "True",
                "lastTransitionTime": now,
                "reason": "PreemptionByScheduler",
                "message": f"{SOURCE}: preempting to accommodate a higher priority pod",
            }
            patch = {"status": {"conditions": [condition]}}
            self.client.patch("pods", name(pod), patch, namespace(pod), patch_type="strategic", subresource="status")
            self.client.delete("pods", name(pod), namespace(pod))
            self.context.events.record(
                pod, "Normal", "Preempted", f"Preempted by pod {info.uid} on node {candidate.node}"
            )

    def _keep(self, info: PodInfo, decision: Decision) -> None:
        """Keep the latest decision of the latest pods."""
        key = f"scheduler/decisions/{info.uid}"
        self._decided.pop(key, None)
        self._decided[key] = None
        self.context.state.put(key, decision.data())
        if len(self._decided) > KEPT_DECISIONS:
            oldest = next(iter(self._decided))
            del self._decided[oldest]
            self.context.state.drop(oldest)

    def _renew(self) -> None:
        now = self.clock.now()
        if self._renewed is not None and now - self._renewed < RENEW:
            return
        self._renewed = now
        moment = micro_timestamp(now)
        lease = self.store.get("leases.coordination.k8s.io", "kube-system", NAME)
        spec = {
            "holderIdentity": f"cp-1_{self.context.ids.uid(NAME, 'leader')}",
            "leaseDurationSeconds": 15,
            "acquireTime": moment,
            "leaseTransitions": 0,
            **((lease or {}).get("spec") or {}),
            "renewTime": moment,
        }
        try:
            if lease is not None:
                self.context.client.update("leases.coordination.k8s.io", {**lease, "spec": spec})
            else:
                metadata = {"name": NAME, "namespace": "kube-system"}
                draft = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
                self.context.client.create("leases.coordination.k8s.io", draft)
        except StatusError as error:
            self.context.state.put("scheduler/lease", {"time": moment, "message": error.message})


def _matters(node: Object) -> tuple[Any, ...]:
    """Return what of a node scheduling depends on: not its heartbeats."""
    status = node.get("status") or {}
    return (
        meta(node).get("labels"),
        node.get("spec"),
        status.get("allocatable"),
        status.get("capacity"),
        status.get("images"),
        [(each["type"], each["status"]) for each in status.get("conditions") or ()],
    )


def _same_needs(before: Object, after: Object) -> bool:
    """Return whether a bound pod still uses and offers what it did."""
    same_spec = before["spec"] is after["spec"] or before["spec"] == after["spec"]
    return same_spec and labels(before) == labels(after) and is_deleting(before) == is_deleting(after)


def _claimed(volume: Object, claim: Object) -> Object:
    reference = {
        "kind": "PersistentVolumeClaim",
        "namespace": namespace(claim),
        "name": name(claim),
        "uid": uid(claim),
        "apiVersion": "v1",
        "resourceVersion": meta(claim)["resourceVersion"],
    }
    annotations = dict(annotations_of(volume))
    if not volume["spec"].get("claimRef"):
        annotations[volumes.BOUND_BY_CONTROLLER] = "yes"
    metadata = {**meta(volume), "annotations": annotations}
    return {**volume, "metadata": metadata, "spec": {**volume["spec"], "claimRef": reference}}


def _unscheduled(pod: Object, reason: str, message: str, now: str) -> dict[str, Any]:
    old = find((pod.get("status") or {}).get("conditions"), "PodScheduled")
    kept = old is not None and old["status"] == "False"
    return {
        "type": "PodScheduled",
        "observedGeneration": meta(pod).get("generation", 1),
        "status": "False",
        "lastProbeTime": None,
        "lastTransitionTime": old["lastTransitionTime"] if kept and old is not None else now,
        "reason": reason,
        "message": message,
    }
