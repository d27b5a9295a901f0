"""exec and attach over WebSocket: the `v5.channel.k8s.io` and `v4.channel.k8s.io` subprotocols.

Every binary frame begins with the number of its channel: 0 stdin, 1 stdout, 2 stderr, 3 the final
Status, 4 terminal size; in v5 255 closes the channel it names. See
https://kubernetes.io/docs/reference/using-api/websocket-streaming/ (remotecommand).
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import orjson

from cluster.apiserver.http import failure
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection, HttpResponse
from cluster.machinery.errors import StatusError, internal
from cluster.web import websocketforward
from cluster.web.api import THREADS, http_request
from cluster.web.elsewhere import Answered
from cluster.web.remotecommand import SIZE_PATIENCE, Remote, exit_status

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255


async def serve_kubernetes(scope: MutableMapping[str, Any], receive: Any, send: Any, slug: str, path: str) -> None:
    """Carry one connection from handshake to end."""
    await receive()  # websocket.connect
    protocol = next((name for name in PROTOCOLS if name in scope.get("subprotocols", ())), None)
    try:
        answered = await THREADS.answer(scope, slug, http_request(scope, path))
    except StatusError as error:
        await _refuse(send, protocol, error)
        return
    answer = answered.answer
    forwards = websocketforward.chosen(scope.get("subprotocols", ()))
    if forwards and isinstance(answer, Connection) and answer.kind == "portforward":
        await websocketforward.serve(answered.door.lab_id, answer, forwards, receive, send)
    else:
        await _carry(answered, protocol, receive, send)


async def _carry(answered: Answered, protocol: str | None, receive: Any, send: Any) -> None:
    answer = answered.answer
    if isinstance(answer, HttpResponse):
        status = orjson.loads(answer.body) if answer.body.startswith(b"{") else {}
        text = status.get("message", "this path has no WebSocket")
        await _refuse(send, protocol, StatusError(answer.code, status.get("reason", ""), text))
    elif isinstance(answer, Connection) and answer.kind in ("exec", "attach") and protocol:
        await send({"type": "websocket.accept", "subprotocol": protocol})
        await Session(answered.door.lab_id, answer, receive, send).run()
    else:
        what = "watch" if isinstance(answer, Watch) else answer.kind
        await _refuse(send, protocol, StatusError(400, "BadRequest", f"{what} is not served over this WebSocket"))


async def _refuse(send: Any, protocol: str | None, error: StatusError) -> None:
    """Say why. A socket can carry the Status only once it is open, and kubectl reads it from there."""
    if protocol is None or error.code in (401, 404) and not error.details:
        await send({"type": "websocket.close", "code": 4000 + error.code % 1000})
        return
    await send({"type": "websocket.accept", "subprotocol": protocol})
    await send({"type": "websocket.send", "bytes": bytes([ERROR]) + failure(error).body.strip()})
    await send({"type": "websocket.close", "code": 1000})


class Session:
    """One exec or attach over one socket."""

    def __init__(self, lab_id: int, asked: Connection, receive: Any, send: Any):
        self._asked = asked
        self._early: list[Any] = []
        self._remote = Remote(lab_id, asked)
        self._receive = receive
        self._send = send

    async def run(self) -> None:
        """Carry both directions until the process ends or the client leaves."""
        async with self._remote:
            try:
                if self._asked.tty:
                    await self._first_size()
                await self._remote.start()
            except StatusError as error:
                await self._end(error.status())
                return
            reading = asyncio.ensure_future(self._read())
            writing = asyncio.ensure_future(self._write())
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _first_size(self) -> None:
        """Wait a little for the size of the client's terminal, so that the process starts with it."""
        try:
            async with asyncio.timeout(SIZE_PATIENCE):
                message = await self._receive()
        except TimeoutError:
            return
        data = message.get("bytes") or b""
        if data[:1] == bytes([RESIZE]):
            await self._remote.resize(data[1:])
        else:
            self._early.append(message)

    async def _next(self) -> Any:
        return self._early.pop() if self._early else await self._receive()

    async def _read(self) -> None:
        while (message := await self._next())["type"] == "websocket.receive":
            data = message.get("bytes") or (message.get("text") or "").encode("latin-1", "replace")
            if data:
                await self._take(data[0], data[1:])

    async def _take(self, channel: int, data: bytes) -> None:
        if channel == STDIN and data:
            await self._remote.write(data)
        elif channel == RESIZE:
            await self._remote.resize(data)
        elif channel == CLOSE and data[:1] == bytes([STDIN]):
            await self._remote.write(b"", end=True)

    async def _write(self) -> None:
        try:
            async for stream, data in self._remote.output():
                await self._send({"type": "websocket.send", "bytes": bytes([stream]) + data})
            status = exit_status(self._remote.code)
        except StatusError as error:
            status = error.status()
        except Exception as error:
            await self._end(internal(str(error)).status())
            raise
        await self._end(status)

    async def _end(self, status: dict[str, Any]) -> None:
        await self._send({"type": "websocket.send", "bytes": bytes([ERROR]) + orjson.dumps(status)})
        await self._send({"type": "websocket.close", "code": 1000})
