"""What one kubectl command is (names, flags, texts, what it does) and what it works with while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping as Named
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cluster.apiserver.client import Client
from cluster.kubectl.errors import Blocked, CommandError
from cluster.kubectl.flags import Flag, Parsed
from cluster.machinery.meta import Object
from cluster.workloads.files import FileError
from cluster.workloads.process import Call

if TYPE_CHECKING:
    from cluster.kubectl.config import KubeConfig
    from cluster.kubectl.discovery import Discovery, Mapping


@dataclass(frozen=True)
class Command:
    """One verb. `resume` goes on after a wake; without it `run` is called again from the start."""

    name: str
    short: str
    usage: str = ""
    run: Callable[[Session], int | None] | None = None
    flags: tuple[Flag, ...] = ()
    long: str = ""
    examples: str = ""
    aliases: tuple[str, ...] = ()
    subcommands: tuple[Command, ...] = ()
    resume: Callable[[Session], int | None] | None = None
    interspersed: bool = True
    global_flags: bool = True  # whether "kubectl options" applies; config and completion say so too

    def subcommand(self, word: str) -> Command | None:
        for command in self.subcommands:
            if word == command.name or word in command.aliases:
                return command
        return None


@dataclass
class Session:
    """One run of one command: its words, where it stands, whom it talks to."""

    call: Call
    command: Command
    path: str  # "kubectl create deployment"
    flags: Parsed
    config: KubeConfig
    client: Client
    discovery: Discovery

    @property
    def args(self) -> list[str]:
        return self.flags.args

    @property
    def state(self) -> dict[str, Any]:
        return self.call.state

    @property
    def namespace(self) -> str:
        """Return the namespace this command works in."""
        return str(self.flags.get("namespace") or self.config.namespace(self.flags) or "default")

    @property
    def enforces_namespace(self) -> bool:
        return bool(self.flags.get("namespace"))

    def now(self) -> float:
        return self.call.place.now()

    def out(self, text: str) -> None:
        if text:
            self.call.write(text)

    def err(self, text: str) -> None:
        if text:
            self.call.error(text)

    def warn(self, warnings: list[str] | tuple[str, ...]) -> None:
        """Print what the server warned of, once each."""
        seen = self.state.setdefault("warned", [])
        for warning in warnings:
            if warning not in seen:
                seen.append(warning)
                self.err(f"Warning: {warning}\n")

    def path_of(self, name: str) -> str:
        """Return the absolute path of a file named on the command line."""
        if name.startswith("~/"):
            name = self.call.environ.get("HOME", "/root") + name[1:]
        joined = name if name.startswith("/") else f"{self.call.cwd.rstrip('/')}/{name}"
        parts: list[str] = []
        for part in joined.split("/"):
            if part == "..":
                del parts[-1:]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def read_file(self, name: str) -> bytes:
        """Read a file; what fails is said as Go's os package says it."""
        try:
            return self.call.place.files.read(self.path_of(name))
        except FileError as failure:
            raise CommandError(f"open {name}: {_go_words(failure)}") from None

    def stdin(self) -> bytes:
        """Return all of standard input; blocks until its end."""
        gathered = bytearray(bytes(self.state.get("stdin", "").encode("latin-1")))
        while True:
            if self.state.get("stdin_over"):
                return bytes(gathered)
            chunk = self.call.read()
            if chunk is None:
                self.state["stdin"] = gathered.decode("latin-1")
                self.call.wait_input()
                raise Blocked
            if chunk == b"":
                self.state["stdin"] = gathered.decode("latin-1")
                self.state["stdin_over"] = True
            gathered += chunk

    def wait(self, until: float | None = None) -> None:
        """Ask to be woken by the next revision, and at `until` at the latest. Return None afterwards."""
        self.call.wait_revision()
        if until is not None:
            self.call.sleep_until(until)

    def service(self, name: str) -> Any:
        """Return a further door of this place."""
        doors: Named[str, Any] = self.call.place.services
        return doors.get(name)

    def send(self, verb: str, mapping: Mapping, **fields: Any) -> Object:
        """Send one request for a resource; prints the server's warnings."""
        result = self.client.request(verb, mapping.resource, version=mapping.version, **fields)
        self.warn(result.warnings)
        return result.object


def _go_words(failure: FileError) -> str:
    words = str(failure)
    return words[:1].lower() + words[1:]
