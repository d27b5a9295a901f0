"""What one object's node says: name, state and the few numbers worth seeing from afar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.registry import REGISTRY
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace
from cluster.topology import health
from cluster.topology.graph import WAITING, Item, id_of, node_id
from cluster.topology.relations import owner_id

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
ROOT_CA = "kube-root-ca.crt"  # in every namespace, mounted by every pod: nobody's own setting
_KINDS = {kind.key: kind.kind for kind in REGISTRY if kind.stored}


def face(resource: str, obj: Object) -> Item:
    """Return the node of one object."""
    item: Item = {
        "id": id_of(resource, obj),
        "resource": resource,
        "kind": _KINDS.get(resource) or str(obj.get("kind", "")),
        "name": name(obj),
        "namespace": namespace(obj),
    }
    if namespace(obj) in SYSTEM or name(obj).startswith("system:") or name(obj) == ROOT_CA:
        item["system"] = True
    owner = owner_id(obj)
    if owner:
        item["owner"] = owner
    return item | _FACES.get(resource, _plain)(obj)


def _plain(obj: Object) -> Item:
    if is_deleting(obj):
        return {"state": "terminating", "form": "hatched", "word": "Terminating"}
    return {"state": "present", "form": "filled", "word": ""}


def _pod(pod: Object) -> Item:
    placed = pod.get("spec", {}).get("nodeName")
    shown = {
        **health.pod_state(pod),
        "group": node_id("nodes", "", placed) if placed else WAITING,
        "containers": health.containers(pod),
    }
    times = health.restarts(pod)
    app = labels(pod).get("app.kubernetes.io/name") or labels(pod).get("app") or labels(pod).get("run")
    return shown | ({"restarts": times} if times else {}) | ({"app": app} if app else {})


def _workload(have: str) -> Callable[[Object], Item]:
    def shown(obj: Object) -> Item:
        want = obj.get("spec", {}).get("replicas", 1)
        return _counted(obj, int(obj.get("status", {}).get(have) or 0), int(1 if want is None else want))

    return shown


def _counted(obj: Object, have: int, want: int) -> Item:
    item = health.counted(have, want)
    if is_deleting(obj):
        item |= {"state": "terminating", "form": "hatched"}
    if obj.get("spec", {}).get("paused"):
        item["paused"] = True
    return item


def _daemonset(obj: Object) -> Item:
    status = obj.get("status", {})
    return _counted(obj, int(status.get("numberReady") or 0), int(status.get("desiredNumberScheduled") or 0))


def _job(obj: Object) -> Item:
    if health.is_true(obj, "Failed"):
        return {"state": "failed", "form": "cross", "word": "Failed"}
    done, want = obj.get("status", {}).get("succeeded") or 0, obj.get("spec", {}).get("completions") or 1
    if health.is_true(obj, "Complete"):
        return {"state": "succeeded", "form": "check", "word": f"{done}/{want}"}
    return _counted(obj, int(done), int(want))


def _service(obj: Object) -> Item:
    spec = obj.get("spec", {})
    ports = [str(port.get("port")) for port in spec.get("ports") or ()]
    return {**_plain(obj), "type": spec.get("type", "ClusterIP"), "ip": spec.get("clusterIP", ""), "ports": ports}


def _phase(obj: Object) -> Item:
    phase = str(obj.get("status", {}).get("phase") or "Pending")
    state = {"Bound": "ready", "Available": "ready", "Pending": "pending"}.get(phase, "failed")
    return _plain(obj) | {"state": state, "form": health.FORMS[state], "word": phase}


_FACES: Mapping[str, Callable[[Object], Item]] = {
    "pods": _pod,
    "deployments.apps": _workload("readyReplicas"),
    "replicasets.apps": _workload("readyReplicas"),
    "replicationcontrollers": _workload("readyReplicas"),
    "statefulsets.apps": _workload("readyReplicas"),
    "daemonsets.apps": _daemonset,
    "jobs.batch": _job,
    "services": _service,
    "persistentvolumeclaims": _phase,
    "persistentvolumes": _phase,
}


def machine(node: Object) -> Item:
    """Return the group of one machine: its size, taints and state."""
    room = node.get("status", {}).get("allocatable") or {}
    roles = sorted(key.partition("/")[2] for key in labels(node) if key.startswith("node-role.kubernetes.io/"))
    return {
        "id": id_of("nodes", node),
        "resource": "nodes",
        "kind": "Node",
        "name": name(node),
        **health.node_state(node),
        "roles": roles,
        "taints": [_taint(taint) for taint in node.get("spec", {}).get("taints") or ()],
        "room": {key: str(room[key]) for key in ("cpu", "memory", "pods") if key in room},
        "deleting": bool(meta(node).get("deletionTimestamp")),
    }


def _taint(taint: Mapping[str, Any]) -> str:
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint.get('key')}{value}:{taint.get('effect')}"
