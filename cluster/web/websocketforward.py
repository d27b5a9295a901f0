"""port-forward over a WebSocket: SPDY frames in its messages (kubectl since 1.31), or a channel per port.

In the second form (`v4.channel.k8s.io`, what client libraries speak) the n-th port has channel 2n for data and
2n+1 for errors; each begins with the port's number, so that the client knows which is which.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Sequence
from typing import Any, Protocol

from cluster.apiserver.wireforms import Connection
from cluster.web.portforward import Pipe
from cluster.web.spdyforward import PROTOCOL, ForwardStreams

TUNNEL = f"SPDY/3.1+{PROTOCOL}"
CHANNELS = "v4.channel.k8s.io"
PROTOCOLS = (TUNNEL, CHANNELS)


class _Streams(Protocol):
    def feed(self, data: bytes) -> None: ...
    def end(self) -> None: ...


def chosen(offered: Sequence[str]) -> str | None:
    """Return the subprotocol to speak, None when there is none in common."""
    return next((one for one in PROTOCOLS if one in offered), None)


async def serve(lab_id: int, asked: Connection, subprotocol: str, receive: Any, send: Any) -> None:
    """Carry one port-forward until the client leaves."""
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    outgoing: asyncio.Queue[bytes | None] = asyncio.Queue()
    hang_up = lambda: outgoing.put_nowait(None)  # noqa: E731 - beside the other half
    streams: _Streams = (
        ForwardStreams(lab_id, asked, outgoing.put_nowait, hang_up)
        if subprotocol == TUNNEL
        else Channels(lab_id, asked, outgoing)
    )
    reading = asyncio.ensure_future(_read(receive, streams))
    writing = asyncio.ensure_future(_write(send, outgoing))
    try:
        await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, writing):
            task.cancel()
        await asyncio.gather(reading, writing, return_exceptions=True)
        streams.end()


async def _read(receive: Any, streams: _Streams) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        data = message.get("bytes")
        if data:
            streams.feed(data)


async def _write(send: Any, outgoing: asyncio.Queue[bytes | None]) -> None:
    while (data := await outgoing.get()) is not None:
        await send({"type": "websocket.send", "bytes": data})
    await send({"type": "websocket.close", "code": 1000})


class Channels:
    """One connection per port, each with two channels."""

    def __init__(self, lab_id: int, asked: Connection, outgoing: asyncio.Queue[bytes | None]):
        self._outgoing = outgoing
        self._open = len(asked.ports)
        for index, port in enumerate(asked.ports):
            for channel in (2 * index, 2 * index + 1):
                outgoing.put_nowait(bytes([channel]) + struct.pack("<H", port))
        self._pipes = [self._pipe(lab_id, asked, index, port) for index, port in enumerate(asked.ports)]

    def _pipe(self, lab_id: int, asked: Connection, index: int, port: int) -> Pipe:
        def write(text: bytes) -> None:
            self._outgoing.put_nowait(bytes([2 * index]) + text)

        def end(why: str) -> None:
            if why:
                self._outgoing.put_nowait(bytes([2 * index + 1]) + why.encode())
            self._open -= 1
            if not self._open:
                self._outgoing.put_nowait(None)

        return Pipe(lab_id, asked, port, write, end)

    def feed(self, data: bytes) -> None:
        index, is_error = divmod(data[0], 2)
        if not is_error and index < len(self._pipes):
            self._pipes[index].feed(data[1:])

    def end(self) -> None:
        for pipe in self._pipes:
            pipe.abort()
