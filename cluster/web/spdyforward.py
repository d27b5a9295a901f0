"""port-forward in SPDY frames: over an upgraded connection, or tunnelled through a WebSocket.

For each connection the client opens two streams, `error` and `data`, that share a request id; the answer to a
connection that fails is text on the error stream. https://kubernetes.io/docs/reference/using-api/websocket-streaming/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from cluster.apiserver.wireforms import Connection
from cluster.web import spdy
from cluster.web.portforward import Pipe

PROTOCOL = "portforward.k8s.io"
CHUNK = 16 * 1024


@dataclass
class Pair:
    """The two streams of one connection."""

    port: int
    error: int = 0
    data: int = 0
    pipe: Pipe | None = None


class ForwardStreams:
    """All connections of one port-forward. `write` sends bytes to the client, `close` hangs up."""

    def __init__(self, lab_id: int, asked: Connection, write: Callable[[bytes], None], close: Callable[[], None]):
        self._lab_id = lab_id
        self._asked = asked
        self._write = write
        self._close = close
        self._framer = spdy.Framer()
        self._pairs: dict[str, Pair] = {}
        self._data: dict[int, Pair] = {}

    def feed(self, data: bytes) -> None:
        """Take bytes of the client."""
        try:
            for frame in self._framer.feed(data):
                self._take(frame)
        except (spdy.BadFrame, ValueError):
            self._close()

    def end(self) -> None:
        """The client has gone."""
        for pair in self._pairs.values():
            if pair.pipe is not None:
                pair.pipe.abort()

    def _take(self, frame: spdy.Frame) -> None:
        if frame.kind == spdy.SYN_STREAM:
            self._open(frame)
        elif frame.kind == spdy.PING:
            self._write(spdy.ping(frame.number))
        elif frame.kind == spdy.GOAWAY:
            self._close()
        elif frame.number in self._data:
            self._pass_on(frame, self._data[frame.number].pipe)

    def _pass_on(self, frame: spdy.Frame, pipe: Pipe | None) -> None:
        if pipe is None:
            return
        if frame.kind == 0:
            pipe.feed(frame.data)
        if frame.fin or frame.kind == spdy.RST_STREAM:
            pipe.close()

    def _open(self, frame: spdy.Frame) -> None:
        headers = frame.headers
        number = headers.get("requestid") or headers.get("port", "")
        pair = self._pairs.setdefault(number, Pair(int(headers.get("port", "0"))))
        self._write(self._framer.reply(frame.number))
        if headers.get("streamtype") == "error":
            pair.error = frame.number
        else:
            pair.data = frame.number
            self._data[frame.number] = pair
        if pair.error and pair.data and pair.pipe is None:
            pair.pipe = self._pipe(number, pair)

    def _pipe(self, number: str, pair: Pair) -> Pipe:
        def write(text: bytes) -> None:
            for start in range(0, len(text), CHUNK):
                self._write(spdy.data(pair.data, text[start : start + CHUNK]))

        def end(why: str) -> None:
            if why:
                self._write(spdy.data(pair.error, why.encode()))
            self._write(spdy.data(pair.error, b"", fin=True))
            self._write(spdy.data(pair.data, b"", fin=True))
            self._pairs.pop(number, None)
            self._data.pop(pair.data, None)

        return Pipe(self._lab_id, self._asked, pair.port, write, end)


class ForwardProtocol(Protocol):
    """The frames on an upgraded connection."""

    def __init__(self, lab_id: int, asked: Connection):
        self._streams = ForwardStreams(lab_id, asked, self._send, self._hang_up)

    def _send(self, data: bytes) -> None:
        self.transport.write(data)

    def _hang_up(self) -> None:
        self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        self._streams.feed(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._streams.end()
