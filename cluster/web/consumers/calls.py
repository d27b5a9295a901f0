"""What a web process may ask of the control plane's worker: container logs, exec, attach, proxying, terminals.

Each call is one function of (simulation, arguments), listed in `CALLS`. What goes on after the
answer is a `Stream`, read after every slice of the lab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.machinery.errors import bad_request
from cluster.runtime.simulation import Simulation
from cluster.web.consumers.forwarding import connect, forward
from cluster.web.consumers.refusals import refused_since
from cluster.web.consumers.requests import answer_request, apply, authorize, proxy
from cluster.workloads.files import FileError

Arguments = Mapping[str, Any]
Messages = list[dict[str, Any]]
TERMINAL = "terminal/"  # how the streams of terminals are named


@dataclass(frozen=True)
class Stream:
    """Output of one session: `read` returns what is new and whether it is over. `first` is for the newcomer alone."""

    session: str
    read: Callable[[Simulation], tuple[Messages, bool]]
    first: bytes = b""


@dataclass(frozen=True)
class Leave:
    """Nobody listens to this session any more."""

    session: str


def logs(simulation: Simulation, given: Arguments) -> bytes:
    return simulation.containers.logs(given["namespace"], given["pod"], given["options"])


def follow_logs(simulation: Simulation, given: Arguments) -> Stream:
    """Begin with what the options ask for, go on with what is written from now on."""
    where = (given["namespace"], given["pod"], given["container"])
    first = logs(simulation, given)
    _, offset, _ = simulation.containers.logs_since(*where, 0)
    at: dict[str, Any] = {"offset": offset, "first": first}
    stamped = given["options"].get("timestamps") in ("true", "1")

    def read(simulation: Simulation) -> tuple[Messages, bool]:
        data, at["offset"], running = simulation.containers.logs_since(*where, at["offset"], timestamps=stamped)
        data, at["first"] = at["first"] + data, b""
        messages: Messages = [{"type": "output", "data": data}] if data else []
        return (messages, False) if running else ([*messages, {"type": "end", "code": 0}], True)

    return Stream(given["session"], read)


def exec_command(simulation: Simulation, given: Arguments) -> Stream:
    session = simulation.containers.exec(
        given["namespace"],
        given["pod"],
        given["container"],
        given["command"],
        tty=given["tty"],
        stdin=given["stdin"],
        columns=given.get("columns", 80),
        rows=given.get("rows", 24),
    )
    return _process(session)


def attach(simulation: Simulation, given: Arguments) -> Stream:
    session = simulation.containers.attach(given["namespace"], given["pod"], given["container"], stdin=given["stdin"])
    return _process(session)


def _process(session: str) -> Stream:
    def read(simulation: Simulation) -> tuple[Messages, bool]:
        written, code = simulation.containers.exec_output(session)
        messages: Messages = [{"type": "output", "stream": stream, "data": data} for stream, data in written]
        if code is None:
            return messages, False
        simulation.containers.exec_close(session)
        return [*messages, {"type": "end", "code": code}], True

    return Stream(session, read)


def exec_input(simulation: Simulation, given: Arguments) -> None:
    simulation.containers.exec_input(given["session"], given["data"], end=given.get("end", False))


def exec_resize(simulation: Simulation, given: Arguments) -> None:
    simulation.containers.exec_resize(given["session"], given["columns"], given["rows"])


def open_terminal(simulation: Simulation, given: Arguments) -> Stream:
    session = given["session"]
    shown = simulation.terminals.open(session, given["columns"], given["rows"])
    seen = simulation.recorder.serial

    def read(simulation: Simulation) -> tuple[Messages, bool]:
        nonlocal seen
        data = simulation.terminals.take(session)
        messages: Messages = [{"type": "output", "data": data}] if data else []
        messages += refused_since(simulation.recorder, seen)
        seen = simulation.recorder.serial
        return messages, False

    return Stream(TERMINAL + session, read, shown)


def type_into_terminal(simulation: Simulation, given: Arguments) -> None:
    simulation.terminals.input(given["session"], given["data"])


def resize_terminal(simulation: Simulation, given: Arguments) -> None:
    simulation.terminals.resize(given["session"], given["columns"], given["rows"])


def read_file(simulation: Simulation, given: Arguments) -> str | None:
    """Return a file of the learner's terminal, for the editor."""
    return simulation.terminals.read_file(given["path"])


def write_file(simulation: Simulation, given: Arguments) -> None:
    try:
        simulation.terminals.write_files({given["path"]: given["text"]})
    except FileError as fault:
        raise bad_request(f"{given['path']}: {fault}") from None


def leave(simulation: Simulation, given: Arguments) -> Leave:
    """The listener has gone: a process it started is hung up."""
    if given.get("process"):
        simulation.containers.exec_close(given["session"])
    return Leave(given["session"])


CALLS: Mapping[str, Callable[[Simulation, Arguments], Any]] = {
    "logs": logs,
    "logs.follow": follow_logs,
    "exec": exec_command,
    "attach": attach,
    "exec.input": exec_input,
    "exec.resize": exec_resize,
    "leave": leave,
    "proxy": proxy,
    "request": answer_request,
    "authorize": authorize,
    "apply": apply,
    "forward": forward,
    "forward.connect": connect,
    "terminal.open": open_terminal,
    "terminal.input": type_into_terminal,
    "terminal.resize": resize_terminal,
    "file.read": read_file,
    "file.write": write_file,
}
