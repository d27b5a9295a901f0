"""`crictl ps | pods | logs | images`: what a machine's container runtime runs, with or without an API server.

Left out: everything that changes something, `inspect`, and other output forms than the table and `-q`.
https://kubernetes.io/docs/tasks/debug/debug-cluster/crictl/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cluster.kubectl.tabwriter import table
from cluster.kubelet import logs
from cluster.kubelet.machines import read_machine
from cluster.kubelet.record import PREFIX, Container, Record
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.duration import human_duration
from cluster.store.interface import StateBook
from cluster.workloads.process import Call, WebReply, WebRequest

SHORT = 13
STATES = {"running": "Running", "terminated": "Exited"}


@dataclass(frozen=True)
class Found:
    """One container of the machine, or the run before the present one; `attempt` counts restarts."""

    record: Record
    name: str
    container: Container
    id: str
    attempt: int
    state: str
    started: float


class Crictl:
    """The program, on one machine."""

    def __init__(self, state: StateBook, node: str):
        self._state = state
        self._node = node

    def run(self, call: Call) -> int | None:
        words = list(call.argv[1:])
        command = COMMANDS.get(words[0] if words else "")
        if command is None:
            call.error(f'No help topic for "{words[0]}"\n' if words else USAGE)
            return 3 if words else 1
        return command(self, call, words[1:])

    def signalled(self, call: Call, signal: str) -> int | None:
        return 130 if signal == "INT" else 143

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")

    def ps(self, call: Call, words: Sequence[str]) -> int:
        everything = bool({"-a", "--all"} & set(words))
        wanted = _option(words, "--name")
        found = [one for one in self._containers() if (everything or one.state == "Running") and wanted in one.name]
        if {"-q", "--quiet"} & set(words):
            call.write("".join(f"{one.id}\n" for one in found))
            return 0
        now = call.place.now()
        call.write(table([_HEAD, *(_row(one, now) for one in found)]))
        return 0

    def pods(self, call: Call, words: Sequence[str]) -> int:
        rows = [("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")]
        for record in self._records():
            state = "NotReady" if record["stage"] == "ended" else "Ready"
            made = f"{human_duration(call.place.now() - record['since'])} ago"
            where = (record["name"], record["namespace"])
            rows.append((record["sandbox"][:SHORT], made, state, *where, "0", "(default)"))
        call.write(table(rows))
        return 0

    def logs(self, call: Call, words: Sequence[str]) -> int:
        wanted = next((word for word in words if not word.startswith("-")), "")
        if not wanted:
            call.error("FATA[0000] container ID is required\n")
            return 1
        for one in self._containers():
            if one.id.startswith(wanted) or one.id[:SHORT] == wanted:
                self._write_log(call, one)
                return 0
        call.error(f'E] "ContainerStatus from runtime service failed" err="could not find container \\"{wanted}\\""\n')
        return 1

    def _write_log(self, call: Call, one: Found) -> None:
        for _, stream, text in logs.lines_of(self._state, one.record["uid"], one.name, one.attempt):
            (call.error if stream == 2 else call.write)(text)

    def images(self, call: Call, words: Sequence[str]) -> int:
        held = (read_machine(self._state, self._node) or {}).get("images") or {}
        rows = [("IMAGE", "TAG")]
        rows += [tuple(name.rpartition(":")[::2]) for name in sorted(held)]
        call.write(table(rows))
        return 0

    def _records(self) -> Iterator[Record]:
        for key in self._state.keys(f"{PREFIX}{self._node}/"):
            record = self._state.get(key)
            if record:
                yield record

    def _containers(self) -> Iterator[Found]:
        """Yield present containers and the ones before them, newest first."""
        found = [one for record in self._records() for one in _of(record)]
        yield from sorted(found, key=lambda one: -one.started)


def _of(record: Record) -> Iterator[Found]:
    for name, container in record["containers"].items():
        restarts, before, present = container["restarts"], container["last"], container["id"]
        if container["state"] in STATES and present:
            began = float(container.get("startedAt") or record["since"])
            yield Found(record, name, container, present, restarts, STATES[container["state"]], began)
        gone = before["containerID"].rpartition("/")[2] if before else ""
        if gone and (gone != present or container["state"] not in STATES):
            attempt = restarts if gone == present else max(restarts - 1, 0)
            yield Found(record, name, container, gone, attempt, "Exited", parse_timestamp(before["startedAt"]))


_HEAD = ("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")


def _row(one: Found, now: float) -> tuple[str, ...]:
    record = one.record
    made = f"{human_duration(now - one.started)} ago"
    image = one.container["image"]
    pod = (record["sandbox"][:SHORT], record["name"], record["namespace"])
    return (one.id[:SHORT], image, made, one.state, one.name, str(one.attempt), *pod)


def _option(words: Sequence[str], name: str) -> str:
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""


Handler = Callable[[Crictl, Call, Sequence[str]], int]
COMMANDS: Mapping[str, Handler] = {
    "ps": Crictl.ps,
    "pods": Crictl.pods,
    "logs": Crictl.logs,
    "images": Crictl.images,
    "img": Crictl.images,
}
USAGE = "NAME:\n   crictl - client for CRI\n\nCOMMANDS:\n" + "".join(f"   {name}\n" for name in COMMANDS)
