"""Commands the kubelet runs inside a container: exec probes and lifecycle hooks. A task is JSON data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kubelet.containers import start_fault
from cluster.kubelet.place import ContainerPlace

Task = dict[str, Any]
KEPT = 10 << 10
PID = 1000


def begin(place: ContainerPlace, argv: Sequence[str], timeout: float) -> Task:
    """Start a command and run it to its first wait."""
    task: Task = {"process": None, "out": "", "until": place.now() + timeout}
    task |= {"argv": list(argv), "limit": timeout}
    task["process"] = place.host.processes.start(
        place, argv, pid=PID, environ=place.environment(), cwd=place.image.workdir, user=place.user
    )
    go_on(place, task)
    fault = start_fault(task["process"])
    if fault:
        task["out"] = (
            "rpc error: code = Unknown desc = failed to exec in container: OCI runtime exec failed: exec failed: "
            f"unable to start container process: {fault}: unknown"
        )
    return task


def go_on(place: ContainerPlace, task: Task) -> None:
    """Run it on as far as it goes now."""
    process = task["process"]
    place.host.processes.step(place, process)
    for _, data in place.host.processes.drain(process):
        task["out"] = (task["out"] + data.decode("utf-8", "replace"))[:KEPT]
    place.save_files()
    if process["exit"] is not None:
        task["exit"] = process["exit"]


def is_late(task: Task, now: float) -> bool:
    return "exit" not in task and now >= task["until"]


def wake(task: Task) -> float:
    """Return when it needs attention next."""
    moment = task["process"]["wake"]
    return float(task["until"] if moment is None else min(moment, task["until"]))
