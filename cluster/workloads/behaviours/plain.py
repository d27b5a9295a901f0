"""Processes of which only their being alive matters: images nobody declared, pause, and silent daemons."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.workloads.behaviours.resident import Resident, image_of, text_reply
from cluster.workloads.process import Call, WebReply, WebRequest


class Plain(Resident):
    """Answers 200 on the ports its pod declares, so that Services and probes of unknown images work."""

    name = "plain"
    stop_code = 143

    def ports(self, call: Call) -> Sequence[int]:
        return tuple(call.place.services.get("declared ports") or ())

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        image = image_of(call)
        return text_reply(200, f"{image.repository if image else self.name} on {call.place.hostname}\n")


class Pause(Resident):
    """registry.k8s.io/pause: sleeps until a signal."""

    name = "pause"

    def farewell(self, call: Call, signal: str) -> None:
        call.write(f"Shutting down, got signal: {'Terminated' if signal == 'TERM' else 'Interrupt'}\n")


class HelloWorld:
    """docker.io/library/hello-world: says so and ends."""

    def run(self, call: Call) -> int | None:
        call.write(
            "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n"
        )
        return 0

    def signalled(self, call: Call, signal: str) -> int | None:
        return 143

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")
