"""Whether and when a container that has exited runs again.

https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
"""

from __future__ import annotations

from cluster.kubelet.record import INIT, SIDECAR, Container
from cluster.machinery.meta import Object

FIRST, LAST = 10.0, 300.0
FORGIVEN = 2 * LAST  # a container that ran this long starts its back-off anew


def wants_restart(kind: str, policy: str, container: Container) -> bool:
    """Say whether the kubelet starts this exited container again."""
    if kind == SIDECAR:
        return True
    if kind == INIT:
        return container["exit"] != 0 and policy != "Never"
    return policy == "Always" or policy == "OnFailure" and container["exit"] != 0


def policy_of(pod: Object, spec: Object) -> str:
    return str(spec.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always"))


def resume_at(container: Container) -> float:
    """Return the earliest time of the next start; the first restart waits for nothing."""
    crash = container.get("crash")
    finished = float(container["finishedAt"])
    return finished if crash is None or _is_forgiven(container) else finished + float(crash["delay"])


def note_restart(container: Container, now: float) -> None:
    """Double the back-off, or begin again after a good run."""
    crash = container.get("crash")
    delay = FIRST if crash is None or _is_forgiven(container) else min(crash["delay"] * 2, LAST)
    container["crash"] = {"delay": delay, "since": now}


def _is_forgiven(container: Container) -> bool:
    return bool(container["finishedAt"] - container["crash"]["since"] > FORGIVEN)
