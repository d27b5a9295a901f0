"""Programs that do something on a signal, or answer requests on a port."""

from __future__ import annotations

from collections.abc import Callable

from cluster.shell.calls import ShellCall
from cluster.shell.programs.network import ping_summary
from cluster.shell.programs.program import Function, Plain
from cluster.workloads.process import Call, WebReply, WebRequest


class Summing(Plain):
    """ping: ^C ends it with its statistics."""

    handles = ("INT",)

    def signalled(self, call: Call, signal: str) -> int | None:
        if signal != "INT":
            return super().signalled(call, signal)
        return ping_summary(call, str(call.argv[-1]))  # type: ignore[arg-type]


class Listener(Plain):
    """nc -l: answers on a port."""

    def __init__(self, function: Function, answer: Callable[[ShellCall, int, WebRequest], WebReply]):
        super().__init__(function)
        self.answer = answer

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return self.answer(call, port, request)  # type: ignore[arg-type]
