"""The recordings' fake kubelet, by the rules of its README: pod status one second after binding, no Events."""

from __future__ import annotations

import heapq
from typing import Any

from cluster.apiserver.context import Context
from cluster.machinery.clock import micro_timestamp, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations_of, is_deleting, meta, name, namespace, uid
from cluster.store.interface import Revision

NODES = ("cp-1", "worker-1", "worker-2", "worker-3")
_HEALTH = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def node(each: str, pods: str = "110") -> Object:
    capacity = {"cpu": "4", "ephemeral-storage": "100Gi", "memory": "8Gi", "pods": pods}
    labels = {"kubernetes.io/hostname": each, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    spec: dict[str, Any] = {}
    if each == "cp-1":
        labels["node-role.kubernetes.io/control-plane"] = ""
        spec["taints"] = [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    status = {"capacity": capacity, "allocatable": capacity}
    metadata = {"name": each, "labels": labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": spec, "status": status}


class FakeKubelet:
    """A timer per pod and per node; what to do is decided when it rings."""

    name = "fake-kubelet"

    def __init__(self, context: Context):
        self.client = context.client
        self.store = context.store
        self.clock = context.clock
        self._timers: list[tuple[float, int, str, str, str]] = []
        self._number = 0
        self._addresses = 10
        self._nodes: set[str] = set()

    def resume(self) -> None:
        """It starts with the lab."""

    def start(self) -> None:
        """Register the four nodes."""
        for each in NODES:
            self.client.create("nodes", node(each))
            self._at(0.0, "node", "", each)
            self._nodes.add(each)

    def _at(self, delay: float, what: str, space: str, each: str) -> None:
        self._number += 1
        heapq.heappush(self._timers, (self.clock.now() + delay, self._number, what, space, each))

    def observe(self, revision: Revision) -> None:
        if revision.verb == "DELETED":
            return
        if revision.resource == "nodes":
            fresh = revision.verb == "ADDED" and annotations_of(revision.object).get("fakekubelet/manage") == "true"
            if fresh:
                self._nodes.add(revision.name)
                self._at(1.0, "node", "", revision.name)
        elif revision.resource == "pods":
            self._observe_pod(revision)

    def _observe_pod(self, revision: Revision) -> None:
        pod, before = revision.object, revision.previous or {}
        if not pod["spec"].get("nodeName"):
            return
        key = (revision.namespace, revision.name)
        if (before.get("spec") or {}).get("nodeName") != pod["spec"]["nodeName"]:
            self._at(1.0, "start", *key)
        if is_deleting(pod) and not (before and is_deleting(before)):
            self._at(float(annotations_of(pod).get("fakekubelet/terminate-seconds", "1")), "end", *key)
        wanted, was = (annotations_of(each).get("fakekubelet/not-ready") if each else None for each in (pod, before))
        if wanted != was:
            self._at(0.1, "ready", *key)

    def next_due(self) -> float | None:
        return self._timers[0][0] if self._timers else None

    def step(self) -> bool:
        if not self._timers or self._timers[0][0] > self.clock.now():
            return False
        _, _, what, space, each = heapq.heappop(self._timers)
        try:
            if what == "node":
                self._beat(each)
            else:
                self._act(what, space, each)
        except StatusError as error:
            if error.code != 404:
                raise
        return True

    def _beat(self, each: str) -> None:
        """Renew the lease; write the node's status once."""
        found = self.store.get("nodes", "", each)
        if found is None or annotations_of(found).get("fakekubelet/dead") == "true":
            return
        if not (found.get("status") or {}).get("conditions"):
            self._post_status(found)
        moment = micro_timestamp(self.clock.now())
        lease = self.store.get("leases.coordination.k8s.io", "kube-node-lease", each)
        if lease is None:
            spec = {"holderIdentity": each, "leaseDurationSeconds": 40, "renewTime": moment}
            metadata = {"name": each, "namespace": "kube-node-lease"}
            draft = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
            self.client.create("leases.coordination.k8s.io", draft)
        else:
            self.client.update("leases.coordination.k8s.io", {**lease, "spec": {**lease["spec"], "renewTime": moment}})
        self._at(10.0, "node", "", each)

    def _post_status(self, found: Object) -> None:
        now = timestamp(self.clock.now())
        conditions = [
            {"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now,
             "lastTransitionTime": now}
            for kind, status, reason, message in _HEALTH
        ]
        made = node(name(found), annotations_of(found).get("fakekubelet/pods", "110"))["status"]
        self.client.update_status("nodes", {**found, "status": {**made, "conditions": conditions}})

    def _act(self, what: str, space: str, each: str) -> None:
        pod = self.store.get("pods", space, each)
        if pod is None or self._is_dead(pod):
            return
        if what == "end":
            self._end(pod)
        elif what == "finish" and not is_deleting(pod):
            self._finish(pod)
        elif what == "ready":
            self._flip(pod)
        elif what == "start" and not is_deleting(pod):
            self._start(pod)

    def _is_dead(self, pod: Object) -> bool:
        found = self.store.get("nodes", "", pod["spec"]["nodeName"])
        return found is None or annotations_of(found).get("fakekubelet/dead") == "true"

    def _write(self, pod: Object, **status: Any) -> None:
        latest = self.store.get("pods", namespace(pod), name(pod))
        if latest is not None and uid(latest) == uid(pod):
            self.client.update_status("pods", {**latest, "status": {**(latest.get("status") or {}), **status}})

    def _conditions(self, pod: Object, **wanted: tuple[str, str]) -> list[dict[str, Any]]:
        old = {each["type"]: each for each in (pod.get("status") or {}).get("conditions") or ()}
        now = timestamp(self.clock.now())
        for kind, (status, reason) in wanted.items():
            condition = {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": now}
            if reason:
                condition["reason"] = reason
            if reason == "ContainersNotReady":
                unready = " ".join(each["name"] for each in pod["spec"]["containers"])
                condition["message"] = f"containers with unready status: [{unready}]"
            known = old.get(kind)
            if known is not None and known["status"] == status:
                condition["lastTransitionTime"] = known["lastTransitionTime"]
            old[kind] = condition
        return list(old.values())

    def _start(self, pod: Object) -> None:
        behaviour = _behaviour(pod)
        self._addresses += 1
        address = f"10.244.{self._addresses // 250}.{self._addresses % 250}"
        now = timestamp(self.clock.now())
        held = annotations_of(pod).get("fakekubelet/not-ready") == "true"
        ready = behaviour in ("", "run-forever") and not held
        restarts = pod["spec"].get("restartPolicy", "Always") == "Always"
        state: dict[str, Any] = {"running": {"startedAt": now}}
        phase = "Running"
        if behaviour == "bad-image":
            state, phase, ready = {"waiting": {"reason": "ImagePullBackOff"}}, "Pending", False
        elif behaviour == "fail" and restarts:
            state, ready = {"waiting": {"reason": "CrashLoopBackOff"}}, False
        elif not restarts and behaviour != "never-ready":
            ready = True
        word = ("True", "") if ready else ("False", "ContainersNotReady")
        started = ("False" if behaviour == "bad-image" else "True", "")
        conditions = self._conditions(
            pod, PodReadyToStartContainers=started, Initialized=("True", ""), Ready=word, ContainersReady=word
        )
        containers = [
            {"name": each["name"], "image": each["image"], "imageID": "", "restartCount": 0, "ready": ready,
             "started": "running" in state, "state": state}
            for each in pod["spec"]["containers"]
        ]
        self._write(pod, phase=phase, conditions=conditions, containerStatuses=containers, podIP=address,
                    podIPs=[{"ip": address}], hostIP="172.18.0.2", startTime=now)
        runs_out = not restarts and behaviour not in ("run-forever", "never-ready", "bad-image")
        if runs_out:
            seconds = float(annotations_of(pod).get("fakekubelet/run-seconds", "2"))
            self._at(seconds, "finish", namespace(pod), name(pod))

    def _finish(self, pod: Object, code: int | None = None) -> None:
        if code is None:
            code = int(annotations_of(pod).get("fakekubelet/exit-code", "1" if _behaviour(pod) == "fail" else "0"))
        now = timestamp(self.clock.now())
        reason = "PodCompleted" if code == 0 else "PodFailed"
        ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed", "finishedAt": now}}
        containers = [
            {**each, "ready": False, "started": False, "state": ended}
            for each in (pod.get("status") or {}).get("containerStatuses") or ()
        ]
        initialized = ("True", "PodCompleted") if code == 0 else ("True", "")
        conditions = self._conditions(
            pod, PodReadyToStartContainers=("False", ""), Initialized=initialized, Ready=("False", reason),
            ContainersReady=("False", reason)
        )
        self._write(pod, phase="Failed" if code else "Succeeded", conditions=conditions, containerStatuses=containers)

    def _flip(self, pod: Object) -> None:
        ready = annotations_of(pod).get("fakekubelet/not-ready") != "true"
        word = ("True" if ready else "False", "ContainersNotReady")
        known = (pod.get("status") or {}).get("containerStatuses") or ()
        conditions = self._conditions(pod, Ready=word, ContainersReady=word)
        self._write(pod, conditions=conditions, containerStatuses=[{**each, "ready": ready} for each in known])

    def _end(self, pod: Object) -> None:
        if meta(pod).get("finalizers") and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            self._finish(pod, 143)
        self.client.delete("pods", name(pod), namespace(pod), {"gracePeriodSeconds": 0})


def _behaviour(pod: Object) -> str:
    image = pod["spec"]["containers"][0]["image"].rpartition("/")[2]
    for each in ("never-ready", "fail", "complete", "run-forever", "bad-image"):
        if image.startswith(each):
            return each
    return ""
