"""A learner's desk for tests: a file system, an environment, an API server, and kubectl run to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.apiserver.local import admin, local_server
from cluster.apiserver.server import ApiServer
from cluster.kubectl.program import Kubectl
from cluster.workloads.files import FileError, FileInfo


class MemoryFiles:
    """Files in a dict; folders are implied by their files."""

    def __init__(self, files: Mapping[str, str] | None = None):
        self.data = {path: text.encode() for path, text in (files or {}).items()}

    def read(self, path: str) -> bytes:
        if path not in self.data:
            raise FileError("EISDIR" if self._is_dir(path) else "ENOENT", path)
        return self.data[path]

    def write(self, path: str, data: bytes, *, append: bool = False, mode: int = 0o644) -> None:
        self.data[path] = (self.data.get(path, b"") if append else b"") + data

    def _is_dir(self, path: str) -> bool:
        return path == "/" or any(one.startswith(path.rstrip("/") + "/") for one in self.data)

    def exists(self, path: str) -> bool:
        return path in self.data or self._is_dir(path)

    def stat(self, path: str, *, follow: bool = True) -> FileInfo:
        if path in self.data:
            return FileInfo("file", 0o644, len(self.data[path]), 0.0)
        if self._is_dir(path):
            return FileInfo("dir", 0o755, 0, 0.0)
        raise FileError("ENOENT", path)

    def list(self, path: str) -> Sequence[str]:
        prefix = path.rstrip("/") + "/"
        return sorted({one[len(prefix):].split("/")[0] for one in self.data if one.startswith(prefix)})

    def make_dir(self, path: str, *, parents: bool = False, mode: int = 0o755) -> None:
        """Folders need no making here."""

    def remove(self, path: str, *, recursive: bool = False) -> None:
        del self.data[path]


@dataclass
class Place:
    server: ApiServer
    files: Any
    services: dict[str, Any]
    kind: str = "terminal"
    hostname: str = "desk"

    def now(self) -> float:
        return self.server.clock.now()

    def program(self, name: str) -> Any:
        return None


@dataclass
class Call:
    place: Any
    argv: Sequence[str]
    environ: dict[str, str]
    cwd: str = "/root"
    user: str = "root"
    tty: bool = False
    columns: int = 120
    state: dict[str, Any] = field(default_factory=dict)
    stdin: list[bytes] = field(default_factory=lambda: [b""])
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    wake: float | None = None
    waits: str = ""

    def write(self, text: str | bytes) -> None:
        self.out.append(text if isinstance(text, str) else text.decode())

    def error(self, text: str | bytes) -> None:
        self.err.append(text if isinstance(text, str) else text.decode())

    def read(self) -> bytes | None:
        return self.stdin.pop(0) if self.stdin else b""

    def sleep_until(self, moment: float) -> None:
        self.wake = moment if self.wake is None else min(self.wake, moment)

    def wait_input(self) -> None:
        self.waits = "input"

    def raw_mode(self, on: bool) -> None:
        """A desk has no keyboard."""

    def wait_revision(self) -> None:
        self.waits = "revision"


@dataclass(frozen=True)
class Answer:
    code: int | None
    out: str
    err: str


class Desk:
    """One terminal before one fresh API server."""

    def __init__(self, server: ApiServer | None = None):
        self.server = server or local_server()
        self.files = MemoryFiles()
        self.client = admin(self.server)
        self.place = Place(self.server, self.files, {"client": self.client})
        self.environ = {"HOME": "/root"}

    def start(self, *argv: str, stdin: str = "") -> Call:
        """Start kubectl; it may block."""
        given = [stdin.encode(), b""] if stdin else [b""]
        call = Call(self.place, ["kubectl", *argv], dict(self.environ), stdin=given)
        self.step(call)
        return call

    def step(self, call: Call) -> int | None:
        call.wake, call.waits = None, ""
        call.state["exit"] = code = Kubectl().run(call)
        return code

    def run(self, *argv: str, stdin: str = "", patience: float = 0.0) -> Answer:
        """Run to the end, moving the clock to its wakes for at most `patience` seconds."""
        call = self.start(*argv, stdin=stdin)
        limit = self.server.clock.now() + patience
        while call.state["exit"] is None and call.wake is not None and call.wake <= limit:
            self.server.clock.move_to(max(call.wake, self.server.clock.now()))
            self.step(call)
        return Answer(call.state["exit"], "".join(call.out), "".join(call.err))

    def say(self, line: str, stdin: str = "", patience: float = 0.0) -> Answer:
        """Run a command line as a shell would split it."""
        import shlex

        words = shlex.split(line)
        return self.run(*(words[1:] if words[0] == "kubectl" else words), stdin=stdin, patience=patience)

    def write(self, name: str, text: str) -> None:
        self.files.write(f"/root/{name}", text.encode())
