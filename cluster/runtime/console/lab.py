"""`lab`: what one does to the lab itself rather than to its cluster. Its commands are in `COMMANDS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cluster.runtime.console import node, trace, why
from cluster.runtime.console.doors import Doors
from cluster.workloads.process import Call, WebReply, WebRequest

Handler = Callable[[Doors, Call, Sequence[str]], int]

COMMANDS: Mapping[str, tuple[Handler, str]] = {
    "node": (node.run, "list, add, switch off and on the lab's machines"),
    "requests": (why.requests, "list what the API server was asked, with its answers"),
    "trace": (trace.run, "send one request and print every hop of its way"),
    "why": (why.why, "tell gate by gate why the last refused request was refused"),
}


class Lab:
    """The program; every command ends at once."""

    def __init__(self, doors: Doors):
        self._doors = doors

    def run(self, call: Call) -> int | None:
        words = list(call.argv[1:])
        if not words or words[0] in ("help", "-h", "--help"):
            call.write(_help())
            return 0
        found = COMMANDS.get(words[0])
        if found is None:
            call.error(f'lab: unknown command "{words[0]}"\n{_help()}')
            return 1
        return found[0](self._doors, call, words[1:])

    def signalled(self, call: Call, signal: str) -> int | None:
        return 130 if signal == "INT" else 143

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


def _help() -> str:
    lines = [f"  lab {name:<8} {text}\n" for name, (_, text) in COMMANDS.items()]
    return "Commands of the lab itself:\n" + "".join(lines)
