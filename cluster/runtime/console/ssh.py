"""`ssh HOST [COMMAND…]`: a root shell on one of the lab's machines, or one command there.

The learner's key is on every machine. Left out: options, tunnels, other users.
"""

from __future__ import annotations

from itertools import dropwhile
from typing import Any

from cluster.apiserver.context import Context
from cluster.kubelet.machines import read_machine
from cluster.network.fabric import Fabric
from cluster.runtime.console.node_place import NodePlace
from cluster.workloads.process import BLOCKED, Call, Processes, WebReply, WebRequest

FAILED = 255


class Ssh:
    """The program; the remote process is kept in `call.state`."""

    def __init__(self, context: Context, processes: Processes, network: Fabric):
        self._context = context
        self._processes = processes
        self._network = network

    def run(self, call: Call) -> int | None:
        words = list(dropwhile(lambda word: word.startswith("-"), call.argv[1:]))
        if not words:
            call.error("usage: ssh destination [command [argument ...]]\n")
            return FAILED
        host = words[0].rpartition("@")[2]
        place = self._place(call, host)
        if place is None:
            return FAILED
        process = call.state.get("process") or self._begin(call, place, words[1:])
        code = self._step(call, place, process)
        place.save()
        return code

    def _place(self, call: Call, host: str) -> NodePlace | None:
        machine = read_machine(self._context.state, host)
        if machine is None:
            call.error(f"ssh: Could not resolve hostname {host}: Name or service not known\n")
            return None
        if not machine["powered"]:
            call.error(f"ssh: connect to host {host} port 22: No route to host\n")
            return None
        return NodePlace(self._context, self._network, machine)

    def _begin(self, call: Call, place: NodePlace, command: list[str]) -> dict[str, Any]:
        argv = ["bash", "-c", " ".join(command)] if command else ["bash", "-l"]
        tty = call.tty and not command
        return self._processes.start(place, argv, pid=4242, cwd="/root", tty=tty, stdin_open=True, columns=call.columns)

    def _step(self, call: Call, place: NodePlace, process: dict[str, Any]) -> int | None:
        if process["tty"]:
            call.raw_mode(True)
        data = call.read()
        if data is not None:
            self._processes.feed(process, data, end=data == b"")
        self._processes.step(place, process)
        for stream, text in self._processes.drain(process):
            (call.write if stream == 1 else call.error)(text)
        call.state["process"] = process
        if process["exit"] is not None:
            return int(process["exit"])
        _wait_as(call, process)
        return BLOCKED

    def signalled(self, call: Call, signal: str) -> int | None:
        process = call.state.get("process")
        place = self._place(call, [word for word in call.argv[1:] if not word.startswith("-")][0].rpartition("@")[2])
        if process is None or place is None:
            return FAILED
        self._processes.signal(place, process, signal)
        return self._step(call, place, process)

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


def _wait_as(call: Call, process: dict[str, Any]) -> None:
    """Ask to be woken for whatever the remote process waits for."""
    if process["wake"] is not None:
        call.sleep_until(process["wake"])
    if process["waits"] == "revision":
        call.wait_revision()
    call.wait_input()
