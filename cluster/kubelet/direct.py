"""Runs an image's own program without a shell: the cheap way most containers start.

Stands for the runtime's plain `execve` of an entrypoint. Anything that is not one of the image's
programs goes through the `Processes` that the shell implements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kubelet.place import ContainerPlace
from cluster.workloads.behaviours import PROGRAMS
from cluster.workloads.process import Place, WebReply, WebRequest

Process = dict[str, Any]


class DirectCall:
    """`Call` of a program that is a container's main process."""

    columns = 80

    def __init__(self, place: ContainerPlace, process: Process):
        self.place: Place = place
        self.user = place.user
        self.cwd: str = process["cwd"]
        self.process = process
        self.argv: Sequence[str] = process["argv"]
        self.state: dict[str, Any] = process["state"]
        self.written: list[tuple[int, bytes]] = []
        self.tty = False
        self._environ: dict[str, str] | None = None

    @property
    def environ(self) -> dict[str, str]:
        if self._environ is None:
            self._environ = dict(self.place.environment())
        return self._environ

    @environ.setter
    def environ(self, values: dict[str, str]) -> None:
        self._environ = values

    def write(self, text: str | bytes) -> None:
        self.written.append((1, text.encode() if isinstance(text, str) else text))

    def error(self, text: str | bytes) -> None:
        self.written.append((2, text.encode() if isinstance(text, str) else text))

    def read(self) -> bytes | None:
        return b""

    def sleep_until(self, moment: float) -> None:
        self.process["wake"] = moment

    def raw_mode(self, on: bool) -> None:
        """No terminal is attached to a container's own program."""

    def wait_input(self) -> None:
        self.process["waits"] = "input"

    def wait_revision(self) -> None:
        self.process["waits"] = "revision"


def new_process(program: str, argv: Sequence[str], cwd: str = "/", *, wrapped: bool = False) -> Process:
    state: dict[str, Any] = {"wrapped": True} if wrapped else {}
    common = {"pid": 1, "argv": list(argv), "exit": None, "wake": 0.0, "waits": ""}
    return {"direct": program, "cwd": cwd, "state": state, **common}


def step(place: ContainerPlace, process: Process) -> list[tuple[int, bytes]]:
    """Run the program as far as it goes now; return what it wrote."""
    call = DirectCall(place, process)
    process["wake"] = None
    process["exit"] = PROGRAMS[process["direct"]].run(call)
    return call.written


def signal(place: ContainerPlace, process: Process, name: str) -> list[tuple[int, bytes]]:
    call = DirectCall(place, process)
    process["exit"] = PROGRAMS[process["direct"]].signalled(call, name)
    return call.written


def serve(
    place: ContainerPlace, process: Process, listener: Mapping[str, Any], port: int, request: WebRequest
) -> tuple[WebReply, list[tuple[int, bytes]]]:
    """Let the listening program answer."""
    call = DirectCall(place, process)
    reply = PROGRAMS[listener["program"]].serve(call, port, request)
    return reply, call.written
