"""Node lifecycle: a node whose Lease is not renewed becomes Unknown, is tainted, and its pods unready.

https://kubernetes.io/docs/concepts/architecture/nodes/#node-controller
Left out: zones and the slowing down of evictions in large outages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers.base import Controller, Handler
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.conditions import find, replaced
from cluster.machinery.meta import Object, meta, name
from cluster.store.interface import Revision

LEASES = "leases.coordination.k8s.io"
GRACE = 50.0
PERIOD = 5.0
_OBSERVED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
_PREFIX = "node.kubernetes.io/"
# condition, status -> the taint that repeats it
_TAINTS = {
    ("Ready", "False"): "not-ready",
    ("Ready", "Unknown"): "unreachable",
    ("MemoryPressure", "True"): "memory-pressure",
    ("DiskPressure", "True"): "disk-pressure",
    ("NetworkUnavailable", "True"): "network-unavailable",
    ("PIDPressure", "True"): "pid-pressure",
}
_SCHEDULING = frozenset(_PREFIX + each for each in (*_TAINTS.values(), "unschedulable"))
_EXECUTING = frozenset({f"{_PREFIX}not-ready", f"{_PREFIX}unreachable"})
Taint = dict[str, Any]


class NodeLifecycleController(Controller):
    name = "node-lifecycle"
    account = "node-controller"
    source = "node-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self._registered: set[str] = set()
        self._alive: dict[str, float] = {}  # when a sign of life was last seen

    def watches(self) -> Mapping[str, Handler]:
        return {"nodes": self._node_changed, "pods": self._pod_changed}

    def resume(self) -> None:
        """A restarted manager gives every node a whole grace period; nodes it finds are registered anew."""
        self._registered.clear()
        self._alive.clear()
        super().resume()

    def _node_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            self._alive.pop(revision.name, None)
        return self.later(revision.name) if revision.verb == "MODIFIED" else (revision.name,)

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        """A pod on a node that is not ready must not stay Ready."""
        node = (revision.object.get("spec") or {}).get("nodeName")
        if (
            revision.verb == "DELETED"
            or not node
            or revision.actor.startswith("system:serviceaccount:kube-system:node")
        ):
            return ()
        found = self.store.get("nodes", "", node)
        return (node,) if found is not None and _ready(found) == "Unknown" else ()

    def reconcile(self, key: str) -> float | None:
        node = self.store.get("nodes", "", key)
        if node is None:
            if key in self._registered:
                self._registered.discard(key)
                self._say(_gone(key), "RemovingNode", f"Node {key} event: Removing Node {key} from Controller")
            return None
        if key not in self._registered:
            self._registered.add(key)
            self._alive.setdefault(key, self.clock.now())
            self._say(node, "RegisteredNode", f"Node {key} event: Registered Node {key} in Controller")
        silent_for = self.clock.now() - self._last_sign(node)
        if silent_for >= GRACE:
            node = self._lose(node)
        node = self._taint(node)
        if _ready(node) != "True":
            self._unready_pods(node)
        return GRACE - silent_for if silent_for < GRACE else PERIOD

    def _say(self, node: Object, reason: str, message: str) -> None:
        self.events.record(node, "Normal", reason, message)

    def _last_sign(self, node: Object) -> float:
        lease = self.store.get(LEASES, "kube-node-lease", name(node))
        renewed = (lease or {}).get("spec", {}).get("renewTime")
        beat = (find((node.get("status") or {}).get("conditions"), "Ready") or {}).get("lastHeartbeatTime")
        moments = [parse_timestamp(each) for each in (renewed, beat) if each]
        return max([self._alive.get(name(node), self.clock.now()), *moments])

    def _lose(self, node: Object) -> Object:
        """Set what the kubelet reported to Unknown."""
        status = dict(node.get("status") or {})
        conditions = list(status.get("conditions") or [])
        now = timestamp(self.clock.now())
        before = _ready(node)
        for kind in _OBSERVED:
            old = find(conditions, kind)
            if old is not None and old["status"] == "Unknown":
                continue
            conditions = replaced(conditions, _unknown(kind, old, node, now))
        if conditions == status.get("conditions"):
            return node
        written = self.client.update_status("nodes", {**node, "status": {**status, "conditions": conditions}})
        if before == "True":
            self._say(written, "NodeNotReady", f"Node {name(node)} status is now: NodeNotReady")
        return written

    def _taint(self, node: Object) -> Object:
        """Make the taints repeat the conditions, first those that stop scheduling, then those that evict."""
        node = self._with_taints(node, "NoSchedule", _SCHEDULING, self._scheduling_taints(node))
        ready = _ready(node)
        evicting = {"False": {f"{_PREFIX}not-ready"}, "Unknown": {f"{_PREFIX}unreachable"}}.get(ready, set())
        return self._with_taints(node, "NoExecute", _EXECUTING, evicting)

    def _scheduling_taints(self, node: Object) -> set[str]:
        found = {
            _PREFIX + _TAINTS[each["type"], each["status"]]
            for each in (node.get("status") or {}).get("conditions") or ()
            if (each["type"], each["status"]) in _TAINTS
        }
        if (node.get("spec") or {}).get("unschedulable"):
            found.add(f"{_PREFIX}unschedulable")
        return found

    def _with_taints(self, node: Object, effect: str, ours: frozenset[str], wanted: set[str]) -> Object:
        spec = node.get("spec") or {}
        taints: list[Taint] = list(spec.get("taints") or ())
        kept = [each for each in taints if each["effect"] != effect or each["key"] not in ours or each["key"] in wanted]
        present = {each["key"] for each in kept if each["effect"] == effect}
        now = timestamp(self.clock.now())
        added = [{"key": key, "effect": effect, "timeAdded": now} for key in sorted(wanted - present)]
        if kept == taints and not added:
            return node
        spec = {field: value for field, value in spec.items() if field != "taints"}
        new = [*kept, *added]
        return self.client.update("nodes", {**node, "spec": {**spec, "taints": new} if new else spec})

    def _unready_pods(self, node: Object) -> None:
        for pod in list(self.store.pods_on(name(node))):
            status = pod.get("status") or {}
            ready = find(status.get("conditions"), "Ready")
            if ready is None or ready["status"] != "True":
                continue
            changed = {**ready, "status": "False", "lastTransitionTime": timestamp(self.clock.now())}
            conditions = replaced(status["conditions"], changed)
            self.client.update_status("pods", {**pod, "status": {**status, "conditions": conditions}})
            self.events.record(pod, "Warning", "NodeNotReady", "Node is not ready")


def _ready(node: Object) -> str:
    return str((find((node.get("status") or {}).get("conditions"), "Ready") or {}).get("status", ""))


def _unknown(kind: str, old: dict[str, Any] | None, node: Object, now: str) -> dict[str, Any]:
    never = old is None
    return {
        "type": kind,
        "status": "Unknown",
        "lastHeartbeatTime": meta(node).get("creationTimestamp") if old is None else old.get("lastHeartbeatTime"),
        "lastTransitionTime": now,
        "reason": "NodeStatusNeverUpdated" if never else "NodeStatusUnknown",
        "message": "Kubelet never posted node status." if never else "Kubelet stopped posting node status.",
    }


def _gone(key: str) -> Object:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": key, "uid": key}}
