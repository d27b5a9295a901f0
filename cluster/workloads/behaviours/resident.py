"""What every long-running server has in common: it boots, listens, answers and goes at a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.workloads.image import Image
from cluster.workloads.process import BLOCKED, Call, WebReply, WebRequest


def image_of(call: Call) -> Image | None:
    """Return the image of the container this runs in; None outside one."""
    image = call.place.services.get("image")
    return image if isinstance(image, Image) else None


def settings_of(call: Call) -> Mapping[str, Any]:
    image = image_of(call)
    return image.settings if image else {}


def path_of(request: WebRequest) -> tuple[str, str]:
    """Return (path, query) of a request's absolute URL."""
    rest = request.url.split("://", 1)[-1]
    _, slash, tail = rest.partition("/")
    path, _, query = (slash + tail or "/").partition("?")
    return path.partition("#")[0], query


def header(request: WebRequest, name: str) -> str:
    wanted = name.lower()
    return next((value for key, value in request.headers if key.lower() == wanted), "")


def host_of(request: WebRequest) -> str:
    given = header(request, "Host")
    return given or request.url.split("://", 1)[-1].partition("/")[0]


def text_reply(status: int, body: str | bytes, kind: str = "text/plain", *more: tuple[str, str]) -> WebReply:
    """Return a reply with the two headers every server sends."""
    data = body.encode() if isinstance(body, str) else body
    return WebReply(status, (("Content-Type", kind), ("Content-Length", str(len(data))), *more), data)


class Resident:
    """A program that stays. Subclasses say on which ports, with what words, and how it answers."""

    name = "plain"
    stop_code = 0
    raw = False  # takes `tcp://` requests: bytes of a protocol of its own

    def run(self, call: Call) -> int | None:
        if "up" in call.state:
            return self.work(call)
        boot = 0.0 if call.place.services.get("instant") else self.boot_seconds(call)
        if boot and "ready" not in call.state:
            code = self.refuse(call)
            if code is not None:
                return code
            call.state["ready"] = call.place.now() + boot
        if call.state.get("ready", 0.0) > call.place.now():
            call.sleep_until(call.state["ready"])
            return BLOCKED
        return self._come_up(call, asked=bool(boot))

    def _come_up(self, call: Call, *, asked: bool) -> int | None:
        code = None if asked else self.refuse(call)
        if code is not None:
            return code
        taken = call.place.services.get("listening") or ()
        for port in self.ports(call):
            if port in taken:
                return self.address_in_use(call, port)
            call.place.listen(port, self.name, self.listening(call, port))
        call.state["up"] = True
        self.announce(call)
        return self.work(call)

    def boot_seconds(self, call: Call) -> float:
        image = image_of(call)
        return image.boot if image else 0.0

    def refuse(self, call: Call) -> int | None:
        """Return an exit code where the configuration lacks something, after saying so."""
        return None

    def ports(self, call: Call) -> Sequence[int]:
        image = image_of(call)
        return image.ports if image else ()

    def listening(self, call: Call, port: int) -> Mapping[str, Any]:
        """Return what is to be known of a port: `certificate` (PEM) where TLS is spoken on it."""
        return {}

    def announce(self, call: Call) -> None:
        """Write what it says once it is up."""

    def work(self, call: Call) -> int | None:
        """Do what it does on its own; asked again after each `sleep_until`."""
        return BLOCKED

    def address_in_use(self, call: Call, port: int) -> int:
        call.error(f"listen tcp :{port}: bind: address already in use\n")
        return 1

    def signalled(self, call: Call, signal: str) -> int | None:
        if signal == "HUP":
            return BLOCKED
        self.farewell(call, signal)
        return self.stop_code

    def farewell(self, call: Call, signal: str) -> None:
        """Write what it says when it goes."""

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="empty")
