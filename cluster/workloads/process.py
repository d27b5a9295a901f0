"""Processes on the virtual clock: the contract between places, programs, the kubelet and the shell.

A *place* is a machine-like spot with a file system and a network identity: a container, a node's
root shell, the learner's own terminal. A *program* is what an executable name stands for there.
A running program keeps everything it must remember in `call.state` (JSON data), because a worker
may die between any two steps and another goes on. There are no generators and no threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cluster.workloads.files import Files


@dataclass(frozen=True, slots=True)
class WebRequest:
    """One request of a client inside the lab. `url` is absolute (`http://web.default.svc:8080/x`)."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    timeout: float = 0.0  # seconds, 0 = none
    resolve: tuple[tuple[str, str], ...] = ()  # curl --resolve / --connect-to: (host:port, address)
    insecure: bool = False  # curl -k
    client: str = ""  # the address it comes from, as the server sees it; the walker sets it


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a walk: where, what decided, in words for people. `detail` is JSON data for pictures."""

    at: str
    rule: str
    text: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebReply:
    """The end of a walk. `error` is '' or one of: nxdomain, refused, timeout, unreachable, tls, reset, empty."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: str = ""
    address: str = ""  # ip:port that answered or refused
    seconds: float = 0.0  # how long it took on the virtual clock
    hops: tuple[Hop, ...] = ()
    certificate: str = ""  # PEM of the chain the server showed, where it spoke TLS with one of its own


@dataclass(frozen=True, slots=True)
class Lookup:
    """A DNS answer. `error` is '' or NXDOMAIN, SERVFAIL, TIMEOUT."""

    name: str
    kind: str
    server: str
    records: tuple[tuple[str, str, str], ...] = ()  # (owner name, type, value)
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One line of `ps`."""

    pid: int
    user: str
    command: str
    started: float
    cpu: float = 0.0


class Place(Protocol):
    """A container, a node or the learner's terminal, as its programs see it.

    `services` the shell knows: `userland` (one of `cluster.shell.programs.registry.USERLANDS`: which
    shell and ordinary programs the image has; "none" for distroless) and `packages` (names of
    further programs installed in it, such as `curl`).
    """

    @property
    def kind(self) -> str:
        """Return container, node or terminal."""
        ...

    @property
    def hostname(self) -> str: ...

    @property
    def files(self) -> Files: ...

    @property
    def services(self) -> Mapping[str, Any]:
        """Return further doors, e.g. "client" (the API client) in the learner's terminal."""
        ...

    def now(self) -> float: ...

    def environment(self) -> Mapping[str, str]: ...

    def program(self, name: str) -> Program | None:
        """Return what `name` (a bare command name) stands for here beyond the shell's own builtins."""
        ...

    def fetch(self, request: WebRequest) -> WebReply:
        """Walk the simulated network from here."""
        ...

    def lookup(self, name: str, kind: str = "A") -> Lookup: ...

    def processes(self) -> Sequence[ProcessInfo]: ...

    def signal(self, pid: int, signal: str) -> bool:
        """Send TERM, KILL, HUP …; False when there is no such process."""
        ...

    def listen(self, port: int, program: str, state: Mapping[str, Any]) -> None:
        """Say that a program of this name answers on `port` from now on (until its process ends)."""
        ...


class Call(Protocol):
    """One running program, as the program sees it."""

    place: Place
    argv: Sequence[str]
    environ: dict[str, str]
    cwd: str
    user: str
    tty: bool
    columns: int
    state: dict[str, Any]  # the program's explicit data

    def write(self, text: str | bytes) -> None:
        """Write to standard output."""
        ...

    def error(self, text: str | bytes) -> None:
        """Write to standard error."""
        ...

    def read(self) -> bytes | None:
        """Return what stands in standard input now; b'' at its end; None when one must wait for more."""
        ...

    def sleep_until(self, moment: float) -> None:
        """Ask to be woken then (virtual time). Return `BLOCKED` from the program afterwards."""
        ...

    def wait_input(self) -> None:
        """Ask to be woken when standard input has more."""
        ...

    def wait_revision(self) -> None:
        """Ask to be woken after the next revision of the lab."""
        ...

    def raw_mode(self, on: bool) -> None:
        """Switch the controlling terminal: raw passes every key on (`kubectl exec -it`), else lines are edited."""
        ...


BLOCKED = None


class Program(Protocol):
    """What an executable does. Called again after each wake; returns an exit code, or BLOCKED."""

    def run(self, call: Call) -> int | None: ...

    def signalled(self, call: Call, signal: str) -> int | None:
        """React to a signal; return the exit code (143 for plain TERM) or BLOCKED to go on."""
        ...

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        """Answer one request on a port this program listens on."""
        ...


class Processes(Protocol):
    """Starts and steps processes; the shell implements it, `runtime` hands it to the kubelet and the terminal.

    A process is a JSON dict that the caller stores: `pid`, `argv`, `exit` (None while it runs), `wake`
    (None, or the virtual time to be stepped at), `waits` ("", "input" or "revision"), and the rest
    is the implementation's own.
    """

    def start(
        self,
        place: Place,
        argv: Sequence[str],
        *,
        pid: int = 1,
        environ: Mapping[str, str] | None = None,
        cwd: str = "/",
        user: str = "root",
        tty: bool = False,
        stdin_open: bool = False,
        columns: int = 80,
    ) -> dict[str, Any]:
        """Return a new process, not yet stepped. An unknown executable ends with 127 when stepped,
        one that is no program with 126."""
        ...

    def step(self, place: Place, process: dict[str, Any]) -> None:
        """Run it as far as it goes at `place.now()`; updates the dict in place."""
        ...

    def feed(self, process: dict[str, Any], data: bytes, *, end: bool = False) -> None:
        """Append to its standard input; step it afterwards."""
        ...

    def signal(self, place: Place, process: dict[str, Any], signal: str) -> None: ...

    def resize(self, process: dict[str, Any], columns: int, rows: int) -> None:
        """Its terminal has another size now."""
        ...

    def serve(self, place: Place, process: dict[str, Any], port: int, request: WebRequest) -> WebReply: ...

    def drain(self, process: dict[str, Any]) -> list[tuple[int, bytes]]:
        """Return and forget what it has written since: (1 or 2, bytes) in order."""
        ...
