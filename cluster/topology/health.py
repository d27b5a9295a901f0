"""The state of each object in one word, one form and a few numbers: what a node of the picture shows.

A pod's states follow `kubectl get pods` (STATUS column); forms are the shapes of the picture, so that
colour never stands alone. Counting down is the browser's: `until` is a moment of the lab's clock.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, is_deleting, meta

State = dict[str, Any]

FORMS = {
    "pending": "dashed",
    "creating": "ring",
    "running": "outline",
    "ready": "filled",
    "crashloop": "broken",
    "succeeded": "check",
    "failed": "cross",
    "terminating": "hatched",
}
_BACK_OFF = re.compile(r"back-off (?:(\d+)m)?(?:(\d+)s)? ")
_CREATING = frozenset({"ContainerCreating", "PodInitializing"})


def _state(state: str, word: str, **more: Any) -> State:
    return {"state": state, "form": FORMS[state], "word": word, **{key: value for key, value in more.items() if value}}


def condition(obj: Object, kind: str) -> Mapping[str, Any]:
    """Return the status condition of this type, or an empty mapping."""
    for each in obj.get("status", {}).get("conditions") or ():
        if each.get("type") == kind:
            return dict(each)
    return {}


def is_true(obj: Object, kind: str) -> bool:
    return condition(obj, kind).get("status") == "True"


def pod_state(pod: Object) -> State:
    """Return the pod's state; the first rule that fits decides."""
    return next(state for rule in _POD_RULES if (state := rule(pod)) is not None)


def _terminating(pod: Object) -> State | None:
    if not is_deleting(pod):
        return None
    return _state("terminating", "Terminating", until=parse_timestamp(meta(pod)["deletionTimestamp"]))


def _ended(pod: Object) -> State | None:
    status = pod.get("status", {})
    phase = status.get("phase")
    if phase == "Succeeded":
        return _state("succeeded", "Completed")
    if phase == "Failed":
        return _state("failed", status.get("reason") or _exit_reason(pod) or "Error", message=status.get("message"))
    return None


def _exit_reason(pod: Object) -> str:
    for status in container_statuses(pod):
        ended = status.get("state", {}).get("terminated") or {}
        if ended.get("exitCode"):
            return str(ended.get("reason") or "Error")
    return ""


def _unplaced(pod: Object) -> State | None:
    if pod.get("spec", {}).get("nodeName"):
        return None
    scheduled = condition(pod, "PodScheduled")
    return _state("pending", scheduled.get("reason") or "Pending", message=scheduled.get("message"))


def _waiting(pod: Object) -> State | None:
    for status in container_statuses(pod):
        waiting = status.get("state", {}).get("waiting")
        if waiting and waiting.get("reason") not in _CREATING:
            return _trouble(status, waiting)
    return None


def _trouble(status: Mapping[str, Any], waiting: Mapping[str, Any]) -> State:
    reason = waiting.get("reason") or "Waiting"
    return _state(
        "crashloop", reason, message=waiting.get("message"), container=status.get("name"), until=_back_off_end(status)
    )


def _back_off_end(status: Mapping[str, Any]) -> float:
    waiting = status.get("state", {}).get("waiting") or {}
    found = _BACK_OFF.search(waiting.get("message") or "")
    finished = (status.get("lastState", {}).get("terminated") or {}).get("finishedAt")
    if not found or not finished:
        return 0.0
    return parse_timestamp(finished) + 60 * int(found[1] or 0) + int(found[2] or 0)


def _restarting(pod: Object) -> State | None:
    for status in container_statuses(pod, init=False):
        ended = status.get("state", {}).get("terminated")
        if ended and ended.get("exitCode"):
            return _state("crashloop", ended.get("reason") or "Error", container=status.get("name"))
    return None


def _creating(pod: Object) -> State | None:
    if pod.get("status", {}).get("phase") == "Running":
        return None
    steps = pod.get("status", {}).get("initContainerStatuses") or ()
    done = sum(1 for step in steps if (step.get("state", {}).get("terminated") or {}).get("exitCode") == 0)
    if steps and done < len(steps):
        return _state("creating", f"Init:{done}/{len(steps)}")
    return _state("creating", "ContainerCreating" if not steps else "PodInitializing")


def _serving(pod: Object) -> State | None:
    return _state("ready", "Running") if is_true(pod, "Ready") else None


def _running(pod: Object) -> State | None:
    return _state("running", "Running", message=condition(pod, "Ready").get("message"))


_POD_RULES: Sequence[Callable[[Object], State | None]] = (
    _terminating,
    _ended,
    _unplaced,
    _waiting,
    _restarting,
    _creating,
    _serving,
    _running,
)


def container_statuses(pod: Object, *, init: bool = True) -> list[Mapping[str, Any]]:
    """Return the statuses of init containers (if asked for), then of containers."""
    status = pod.get("status", {})
    first = status.get("initContainerStatuses") or [] if init else []
    return [*first, *(status.get("containerStatuses") or [])]


def restarts(pod: Object) -> int:
    return sum(int(status.get("restartCount", 0)) for status in container_statuses(pod))


def containers(pod: Object) -> list[dict[str, str]]:
    """Return each container's name and its own state (waiting, running, ready, done, failed)."""
    statuses = {status.get("name"): status for status in container_statuses(pod)}
    spec = pod.get("spec", {})
    return [
        *(_container(each, statuses, init=True) for each in spec.get("initContainers") or ()),
        *(_container(each, statuses) for each in spec.get("containers") or ()),
    ]


def _container(
    spec: Mapping[str, Any], statuses: Mapping[Any, Mapping[str, Any]], init: bool = False
) -> dict[str, str]:
    status = statuses.get(spec.get("name"), {})
    shown = {"name": str(spec.get("name", "")), "state": _container_state(status)}
    return {**shown, "init": "1"} if init else shown


def _container_state(status: Mapping[str, Any]) -> str:
    state = status.get("state") or {}
    if "terminated" in state:
        return "failed" if state["terminated"].get("exitCode") else "done"
    if "running" in state:
        return "ready" if status.get("ready") else "running"
    return "waiting"


def node_state(node: Object) -> State:
    """Return a machine's state: ready, cordoned (a lid), or fogged when its kubelet is not heard."""
    ready = condition(node, "Ready").get("status")
    cordoned = bool(node.get("spec", {}).get("unschedulable"))
    word = {"True": "Ready", "False": "NotReady"}.get(str(ready), "NotReady")
    return {"state": "ready" if ready == "True" else "notready", "word": word, "cordoned": cordoned}


def counted(have: int, want: int) -> State:
    """Return the state of something that wants a number of somethings."""
    state = "ready" if have >= want else "creating"
    return _state(state, f"{have}/{want}", have=have, want=want)
