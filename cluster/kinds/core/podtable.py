"""The row `kubectl get pods` shows: readiness, the one word of status, restarts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kinds.kind import Column
from cluster.kinds.printing import AGE, NAME, NONE, age, since, wide
from cluster.machinery.meta import Object, is_deleting, name

COLUMNS = (
    NAME,
    Column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
    Column("Status", description="The aggregate status of the containers in this pod."),
    Column(
        "Restarts",
        description=(
            "The number of times the containers in this pod have been restarted"
            " and when the last container in this pod has restarted."
        ),
    ),
    AGE,
    wide("IP", "status.podIP"),
    wide("Node", "spec.nodeName"),
    wide("Nominated Node", "status.nominatedNodeName"),
    wide("Readiness Gates", "spec.readinessGates"),
)

Status = Mapping[str, Any]


class _Restarts:
    """A count, and when the last one ended."""

    def __init__(self) -> None:
        self.count = 0
        self.last = ""

    def add(self, container: Status) -> None:
        self.count += container.get("restartCount") or 0
        ended = (container.get("lastState") or {}).get("terminated") or {}
        self.last = max(self.last, ended.get("finishedAt") or "")

    def text(self, now: float) -> str:
        return f"{self.count} ({since(self.last, now)} ago)" if self.count and self.last else str(self.count)


def _ended_word(terminated: Status) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _init_word(container: Status, index: int, total: int) -> str:
    state = container.get("state") or {}
    if state.get("terminated") is not None:
        return f"Init:{_ended_word(state['terminated'])}"
    waiting = (state.get("waiting") or {}).get("reason")
    if waiting and waiting != "PodInitializing":
        return f"Init:{waiting}"
    return f"Init:{index}/{total}"


def _has_condition(status: Status, kind: str) -> bool:
    return any(one.get("type") == kind and one.get("status") == "True" for one in status.get("conditions") or ())


class _Summary:
    """The running sums over a pod's containers, as `printPod` keeps them."""

    def __init__(self, pod: Object):
        self.status: Status = pod.get("status") or {}
        spec = pod.get("spec") or {}
        inits = spec.get("initContainers") or ()
        self.sidecars = {one.get("name") for one in inits if one.get("restartPolicy") == "Always"}
        self.init_total = len(inits)
        self.total = len(spec.get("containers") or ()) + len(self.sidecars)
        self.ready = 0
        self.word = self._first_word()
        self.restarts = _Restarts()
        self.sidecar_restarts = _Restarts()
        if not self._read_inits() or _has_condition(self.status, "Initialized"):
            self._read_containers()
        self._read_deletion(pod)

    def _first_word(self) -> str:
        for condition in self.status.get("conditions") or ():
            if condition.get("type") == "PodScheduled" and condition.get("reason") == "SchedulingGated":
                return "SchedulingGated"
        return str(self.status.get("reason") or self.status.get("phase") or "")

    def _read_inits(self) -> bool:
        """Return whether an init container still holds the pod back."""
        for index, container in enumerate(self.status.get("initContainerStatuses") or ()):
            self.restarts.add(container)
            is_sidecar = container.get("name") in self.sidecars
            if is_sidecar:
                self.sidecar_restarts.add(container)
            ended = (container.get("state") or {}).get("terminated")
            if ended is not None and not ended.get("exitCode"):
                continue
            if is_sidecar and container.get("started"):
                self.ready += bool(container.get("ready"))
                continue
            self.word = _init_word(container, index, self.init_total)
            return True
        return False

    def _read_containers(self) -> None:
        self.restarts = self.sidecar_restarts
        running = False
        for container in reversed(self.status.get("containerStatuses") or ()):
            self.restarts.add(container)
            state = container.get("state") or {}
            waiting, ended = (state.get("waiting") or {}).get("reason"), state.get("terminated")
            if waiting:
                self.word = waiting
            elif ended is not None:
                self.word = _ended_word(ended)
            elif container.get("ready") and state.get("running") is not None:
                running = True
                self.ready += 1
        if self.word == "Completed" and running:
            self.word = "Running" if _has_condition(self.status, "Ready") else "NotReady"

    def _read_deletion(self, pod: Object) -> None:
        if not is_deleting(pod):
            return
        if self.status.get("reason") == "NodeLost":
            self.word = "Unknown"
        elif self.status.get("phase") not in ("Succeeded", "Failed"):
            self.word = "Terminating"


def status_word(pod: Object) -> str:
    """Return the STATUS column alone: Running, CrashLoopBackOff, Init:0/1, Terminating …"""
    return _Summary(pod).word


def _gates(pod: Object) -> str:
    gates = (pod.get("spec") or {}).get("readinessGates") or ()
    status = pod.get("status") or {}
    return f"{sum(_has_condition(status, gate.get('conditionType')) for gate in gates)}/{len(gates)}" if gates else NONE


def row(pod: Object, now: float) -> Sequence[Any]:
    summary = _Summary(pod)
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    addresses = status.get("podIPs") or ()
    return (
        name(pod),
        f"{summary.ready}/{summary.total}",
        summary.word,
        summary.restarts.text(now),
        age(pod, now),
        (addresses[0].get("ip") if addresses else "") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(pod),
    )
