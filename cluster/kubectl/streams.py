"""Terminals into containers: exec and attach sessions, stepped; and log following.

A session lives with the kubelets (`Containers`); a command keeps only its id and asks for what is new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.apiserver.ports import Containers
from cluster.apiserver.request import Request
from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.machinery.errors import StatusError, internal
from cluster.machinery.meta import Object, name, namespace

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def containers(session: Session) -> Containers:
    """Return the door to the kubelets."""
    door: Containers | None = session.service("containers")
    if door is None:
        raise internal("error dialing backend: no kubelet answers")
    return door


def require(session: Session, verb: str, subresource: str, where: str, pod: str) -> None:
    """Ask the authoriser as the pod's subresource would: the kubelets themselves do not know who asks."""
    client = session.client
    client.server.permit(Request(
        verb, client.user, resource="pods", subresource=subresource, namespace=where, name=pod,
        field_manager=client.manager, impersonator=client.impersonator))


def begun(start: Callable[[], str]) -> str:
    """Begin a stream; what goes wrong behind the upgraded connection is no API answer, and is worded so."""
    try:
        return start()
    except StatusError as failure:
        if failure.reason != "InternalError":
            raise
        text = failure.message
        if "unable to upgrade connection" in text:
            text = text.removeprefix("Internal error occurred: ")
        raise CommandError(text) from None


def pump(session: Session, session_id: str, *, stdin: bool) -> int | None:
    """Move bytes both ways; return the exit code once the process is over."""
    if stdin and session.flags.get("tty") and session.call.tty:
        session.call.raw_mode(True)
    door = containers(session)
    if stdin and not session.state.get("stdin_closed"):
        _feed(session, door, session_id)
    written, code = door.exec_output(session_id)
    for stream, data in written:
        (session.call.write if stream == 1 else session.call.error)(data)
    if code is None:
        session.call.wait_revision()
        if stdin and not session.state.get("stdin_closed"):
            session.call.wait_input()
        session.call.sleep_until(session.now() + 0.1)
        return None
    door.exec_close(session_id)
    session.state.pop("exec_session", None)
    return code


def _feed(session: Session, door: Containers, session_id: str) -> None:
    while True:
        chunk = session.call.read()
        if chunk is None:
            return
        if chunk == b"":
            session.state["stdin_closed"] = True
            door.exec_input(session_id, b"", end=True)
            return
        door.exec_input(session_id, chunk)


def follow_main(session: Session, pod: Object, *, stdin: bool) -> int | None:
    """Attach to the main process of a pod's first container; a process that is over leaves its log and code."""
    state = session.state
    finished = _finished(pod)
    if "exec_session" not in state and finished is not None:
        session.call.write(containers(session).logs(namespace(pod), name(pod), {"container": default_container(pod)}))
        return finished
    if "exec_session" not in state:
        require(session, "create", "attach", namespace(pod), name(pod))
        state["exec_session"] = begun(lambda: containers(session).attach(
            namespace(pod), name(pod), default_container(pod), stdin=stdin))
    return pump(session, state["exec_session"], stdin=stdin)


def _finished(pod: Object) -> int | None:
    statuses = pod.get("status", {}).get("containerStatuses") or []
    ended: Any = statuses[0].get("state", {}).get("terminated") if statuses else None
    return int(ended.get("exitCode", 0)) if ended else None


def default_container(pod: Object) -> str:
    """Return the annotated default container, or the first."""
    listed = [container["name"] for container in pod["spec"].get("containers") or ()]
    wanted = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    return str(wanted if wanted in listed else listed[0])


def all_containers(pod: Object) -> list[str]:
    spec = pod["spec"]
    return [container["name"] for field in ("initContainers", "containers", "ephemeralContainers")
            for container in spec.get(field) or ()]


def chosen_container(session: Session, pod: Object, wanted: str, *, say_default: bool = True) -> str:
    """Return the container a command works in; say which one when the choice was the command's."""
    every = all_containers(pod)
    if wanted:
        if wanted not in every:
            raise CommandError(f"container {wanted} not found in pod {name(pod)}")
        return wanted
    found = default_container(pod)
    annotated = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER) == found
    if len(every) > 1 and say_default and not annotated:
        kinds = {"containers": "", "initContainers": " (init)", "ephemeralContainers": " (ephem)"}
        listed = ", ".join(f"{container['name']}{suffix}" for field, suffix in kinds.items()
                           for container in pod["spec"].get(field) or ())
        session.err(f"Defaulted container \"{found}\" out of: {listed}\n")
    return found


def not_running(pod: Object) -> StatusError | CommandError | None:
    """Return why nothing can be executed in this pod, if so."""
    phase = pod.get("status", {}).get("phase", "")
    if phase in ("Succeeded", "Failed"):
        return CommandError(f"cannot exec into a container in a completed pod; current phase is {phase}")
    return None
