"""Processes that somebody started in a running container: `kubectl exec` and `kubectl attach`.

A session is the state-book entry `exec/<pod>/<container>/<number>`: the process, what it has written
and nobody has read yet. An attached session has no process of its own: it reads the log as it grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from cluster.apiserver.context import Context
from cluster.kubelet import logs
from cluster.kubelet.containers import start_fault
from cluster.kubelet.host import Host
from cluster.kubelet.place import ContainerPlace
from cluster.kubelet.record import Record, record_key
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

Session = dict[str, Any]
PREFIX = "exec/"
FIRST_PID = 2000


class Rooms(Protocol):
    """What sessions need of the kubelets."""

    context: Context

    def host(self, node: str) -> Host | None: ...

    def find_pod(self, identity: str) -> Object | None: ...

    def wake(self, node: str, identity: str) -> None: ...


def begin(place: ContainerPlace, argv: Sequence[str], *, tty: bool, stdin: bool, size: tuple[int, int]) -> str:
    """Start a process in the container and return the session's key; `size` is its terminal's (columns, rows)."""
    state, record = place.host.context.state, place.record
    number = record["sessions"] = record.get("sessions", 0) + 1
    key = f"{PREFIX}{record['uid']}/{place.name}/{number}"
    process = place.host.processes.start(
        place,
        argv,
        pid=FIRST_PID + number,
        environ={**place.environment(), **({"TERM": "xterm"} if tty else {})},
        cwd=place.spec.get("workingDir") or place.image.workdir,
        user=place.user,
        tty=tty,
        stdin_open=stdin,
        columns=size[0],
    )
    process["rows"] = size[1]
    session = {"node": place.host.name, "process": process, "out": [], "started": place.now()}
    session["run"] = place.container["restarts"]
    run(place, session)
    fault = start_fault(process)
    if fault:
        raise StatusError(
            500,
            "InternalError",
            "Internal error occurred: error executing command in container: failed to exec in container: failed to "
            f'start exec "{place.container["id"]}": OCI runtime exec failed: exec failed: unable to start container '
            f"process: {fault}: unknown",
        )
    state.put(key, session)
    state.put(record_key(place.host.name, record["uid"]), record)
    return key


def begin_attach(place: ContainerPlace, *, stdin: bool) -> str:
    record = place.record
    number = record["sessions"] = record.get("sessions", 0) + 1
    key = f"{PREFIX}{record['uid']}/{place.name}/{number}"
    head = place.container.get("log") or {"offset": 0, "bytes": 0}
    session = {"node": place.host.name, "attached": True, "offset": head["offset"] + head["bytes"], "stdin": stdin}
    session["run"] = place.container["restarts"]
    place.host.context.state.put(key, session)
    place.host.context.state.put(record_key(place.host.name, record["uid"]), record)
    return key


def run(place: ContainerPlace, session: Session) -> None:
    """Run the process on and keep what it wrote for whoever asks."""
    process = session["process"]
    if process["exit"] is None:
        place.host.processes.step(place, process)
    for stream, data in place.host.processes.drain(process):
        session["out"].append([stream, data.decode("latin-1")])
    place.save_files()


def take_output(session: Session) -> list[tuple[int, bytes]]:
    found = [(stream, text.encode("latin-1")) for stream, text in session["out"]]
    session["out"] = []
    return found


def parts(key: str) -> tuple[str, str]:
    """Return (pod id, container) of a session key."""
    identity, container, _ = key[len(PREFIX) :].split("/")
    return identity, container


def open_place(rooms: Rooms, key: str, session: Session) -> ContainerPlace | None:
    """Return the session's container when it still is the one it was."""
    identity, container = parts(key)
    host, pod = rooms.host(session["node"]), rooms.find_pod(identity)
    record: Record | None = rooms.context.state.get(record_key(session["node"], identity))
    if host is None or pod is None or record is None or container not in record["containers"]:
        return None
    running = record["containers"][container]
    if running["process"] is None or running["restarts"] != session["run"]:
        return None
    return ContainerPlace(host, pod, record, container)


def step_session(rooms: Rooms, key: str) -> float | None:
    """Run a session's process to the present; return when it wants to go on."""
    session: Session | None = rooms.context.state.get(key)
    if session is None or "process" not in session or session["process"]["exit"] is not None:
        return None
    place = open_place(rooms, key, session)
    if place is None:
        session["process"]["exit"] = 137
    else:
        run(place, session)
        if place.container.get("signals"):
            rooms.wake(session["node"], parts(key)[0])
    rooms.context.state.put(key, session)
    wake = session["process"]["wake"]
    return None if session["process"]["exit"] is not None or wake is None else float(wake)


def attached_output(rooms: Rooms, key: str, session: Session) -> tuple[list[tuple[int, bytes]], int | None]:
    """Return what the container logged since, and its exit code once it is over."""
    identity, container = parts(key)
    text, session["offset"] = logs.text_since(
        rooms.context.state, identity, container, session["run"], session["offset"]
    )
    rooms.context.state.put(key, session)
    over = open_place(rooms, key, session) is None
    return ([(1, text)] if text else []), (0 if over else None)
