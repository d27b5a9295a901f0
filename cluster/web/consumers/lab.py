"""The page's WebSocket: what the learner does comes in as frames, what the lab does goes out as frames.

Each kind of incoming frame is one line in `HANDLERS`. A frame of any other shape is answered by an
error frame and nothing else.
"""

from __future__ import annotations

import asyncio
import codecs
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.conf import settings

from cluster.machinery.errors import StatusError
from cluster.models import Lab
from cluster.persistence.announce import BELL
from cluster.persistence.labs import LabError, command_clock
from cluster.web.consumers.calls import TERMINAL
from cluster.web.conversation import Conversation, conversation
from cluster.web.streamer import STREAMER, Viewer
from cluster.web.users import open_lab, visitor_id

logger = logging.getLogger(__name__)

FRAME_LIMIT = 256 * 1024
LARGEST = 1000  # columns and rows of a terminal
Frame = dict[str, Any]


class BadFrame(Exception):
    """A frame that means nothing; the text says what is wrong with it."""


def field(frame: Mapping[str, Any], name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
    """Return a field of the right type; BadFrame otherwise."""
    value = frame.get(name, default)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadFrame(f"{frame.get('type')}: {name!r} is missing or of the wrong type")
    return value


class LabSocket:
    """One open page of one lab."""

    def __init__(self, lab: Lab, language: str, send: Any, worker: Conversation):
        self.lab_id = lab.pk
        self.send = send
        self.worker = worker
        self.viewer = Viewer(language, self.show)
        self.outbox: asyncio.Queue[Frame] = asyncio.Queue()
        self.terminals: set[str] = set()
        self.decoders = defaultdict(lambda: codecs.getincrementaldecoder("utf-8")("replace"))

    def show(self, frame: Frame) -> None:
        self.outbox.put_nowait(frame)

    async def take(self, text: str) -> None:
        """Do what one frame asks."""
        try:
            frame = parse(text)
            await HANDLERS[frame["type"]](self, frame)
        except (BadFrame, LabError, ValueError) as error:
            self.show({"type": "error", "message": str(error)})
        except StatusError as error:
            self.show({"type": "error", "message": error.message})
        except Exception as error:  # a bug: logged; the page and its other frames go on
            logger.exception("a frame of lab %s", self.lab_id)
            self.show({"type": "error", "message": f"internal error: {error}"})

    async def write(self) -> None:
        """Send frames as they come."""
        while True:
            frame = await self.outbox.get()
            await self.send({"type": "websocket.send", "text": orjson.dumps(frame).decode()})

    async def listen(self) -> None:
        """Pass on what terminals write."""
        while True:
            try:
                message = await self.worker.receive()
            except StatusError as error:
                self.show({"type": "error", "message": error.message})
                continue
            if message["type"] == "output":
                self._show_output(message["session"].removeprefix(TERMINAL), message["data"])
            elif message["type"] == "refused":
                session = message["session"].removeprefix(TERMINAL)
                told = {"request": message["request"], "code": message["code"]}
                self.show({"type": "terminal.refused", "id": session, **told})

    def _show_output(self, session: str, data: bytes) -> None:
        """Show text; a character may be cut in two between messages."""
        text = self.decoders[session].decode(data)
        if text:
            self.show({"type": "terminal.output", "id": session, "data": text})

    async def close(self) -> None:
        STREAMER.close(self.lab_id, self.viewer)
        for session in self.terminals:
            await self.worker.tell("leave", session=TERMINAL + session)


def parse(text: str) -> Frame:
    """Return a frame; BadFrame when it is none."""
    if len(text) > FRAME_LIMIT:
        raise BadFrame("this frame is too large")
    try:
        # Unlike json, orjson takes no NaN, no lone surrogates and no depth that cannot be written again.
        frame = orjson.loads(text.encode("utf-8", "replace"))
    except ValueError as error:
        raise BadFrame("a frame is a JSON object") from error
    kind = frame.get("type") if isinstance(frame, dict) else None
    if not isinstance(kind, str) or kind not in HANDLERS:
        raise BadFrame("a frame is a JSON object with a known type")
    return frame


async def _hello(socket: LabSocket, frame: Frame) -> None:
    await STREAMER.open(socket.lab_id, socket.viewer, field(frame, "view", str, "machine"))


async def _clock(socket: LabSocket, frame: Frame) -> None:
    value = frame.get("value")
    number = float(field(frame, "value", (int, float))) if value is not None else None
    action = field(frame, "action", str)
    await sync_to_async(command_clock, thread_sensitive=False)(socket.lab_id, action, number)
    BELL.ring(socket.lab_id)


def _session(frame: Frame) -> str:
    word = field(frame, "id", str)
    if not word.isalnum() or len(word) > 16:
        raise BadFrame("a terminal's id is a short word")
    return word


def _size(frame: Frame) -> tuple[int, int]:
    columns, rows = field(frame, "cols", int), field(frame, "rows", int)
    if not (0 < columns <= LARGEST and 0 < rows <= LARGEST):
        raise BadFrame(f"a terminal has 1 to {LARGEST} columns and rows")
    return columns, rows


async def _terminal_open(socket: LabSocket, frame: Frame) -> None:
    session = _session(frame)
    columns, rows = _size({"cols": 80, "rows": 24, **frame})
    socket.terminals.add(session)
    await socket.worker.tell("terminal.open", session=session, columns=columns, rows=rows)


async def _terminal_input(socket: LabSocket, frame: Frame) -> None:
    data = field(frame, "data", str).encode("utf-8", "replace")
    await socket.worker.tell("terminal.input", session=_session(frame), data=data)


async def _terminal_resize(socket: LabSocket, frame: Frame) -> None:
    columns, rows = _size(frame)
    await socket.worker.tell("terminal.resize", session=_session(frame), columns=columns, rows=rows)


HANDLERS: Mapping[str, Callable[[LabSocket, Frame], Awaitable[None]]] = {
    "hello": _hello,
    "clock": _clock,
    "terminal.open": _terminal_open,
    "terminal.input": _terminal_input,
    "terminal.resize": _terminal_resize,
}


async def serve_page(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Carry one page's socket from handshake to end; a lab that is not the visitor's is refused."""
    await receive()
    cookies = _cookies(scope)
    lab = await sync_to_async(open_lab, thread_sensitive=False)(scope["slug"], visitor_id(cookies), cookies)
    if lab is None:
        await send({"type": "websocket.close", "code": 4404})
        return
    await send({"type": "websocket.accept"})
    async with conversation(lab.pk) as worker:
        await _carry(LabSocket(lab, _language(scope, cookies), send, worker), receive)


async def _carry(socket: LabSocket, receive: Any) -> None:
    beside = [asyncio.ensure_future(socket.write()), asyncio.ensure_future(socket.listen())]
    try:
        while (message := await receive())["type"] == "websocket.receive":
            await socket.take(message.get("text") or (message.get("bytes") or b"").decode("utf-8", "replace"))
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await socket.close()


def _cookies(scope: Mapping[str, Any]) -> dict[str, str]:
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _language(scope: Mapping[str, Any], cookies: Mapping[str, str]) -> str:
    """Return the language of the page that opened the socket: its cookie, else what the browser prefers."""
    known = [code for code, _ in settings.LANGUAGES]
    chosen = cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in known:
        return chosen
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1").lower()
    return "zh-hans" if accepted.startswith("zh") else "en"
