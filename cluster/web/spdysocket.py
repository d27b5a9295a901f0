"""exec and attach over an HTTP connection upgraded to SPDY/3.1: what kubectl before 1.30 speaks.

Daphne knows only the WebSocket upgrade, so its request is extended here: the question is answered
first, and only then the connection is taken over.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

import orjson
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure

from cluster.apiserver.http import failure
from cluster.apiserver.wireforms import Connection, HttpResponse
from cluster.machinery.errors import StatusError, internal
from cluster.persistence.announce import BELL
from cluster.web import spdy
from cluster.web.api import ROUTE, THREADS, http_request
from cluster.web.remotecommand import SIZE_PATIENCE, Remote, exit_status
from cluster.web.spdyforward import PROTOCOL as FORWARDING, ForwardProtocol

PROTOCOLS = ("v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io", FORWARDING)
CHUNK = 16 * 1024


class UpgradableRequest(WebRequest):
    """Daphne's request that knows one upgrade more."""

    def process(self) -> Any:
        upgrade = self.requestHeaders.getRawHeaders(b"Upgrade") or [b""]
        found = ROUTE.fullmatch(unquote(self.path.decode("latin-1")))
        if upgrade[0].lower() != b"spdy/3.1" or found is None:
            return super().process()
        BELL.start(self._upgrade(found["slug"], found["path"]))
        return None

    async def _upgrade(self, slug: str, path: str) -> None:
        scope = self._scope()
        try:
            answered = await THREADS.answer(scope, slug, http_request(scope, path))
        except StatusError as error:
            self._answer(failure(error))
            return
        answer = answered.answer
        if isinstance(answer, Connection) and answer.kind in ("exec", "attach"):
            self._take_over(RemoteStreams(Remote(answered.door.lab_id, answer), answer))
        elif isinstance(answer, Connection) and answer.kind == "portforward":
            self._take_over(ForwardProtocol(answered.door.lab_id, answer))
        elif isinstance(answer, HttpResponse):
            self._answer(answer)
        else:
            self._answer(failure(StatusError(400, "BadRequest", "this path has no SPDY")))

    def _scope(self) -> MutableMapping[str, Any]:
        headers = [(key.lower(), one) for key, values in self.requestHeaders.getAllRawHeaders() for one in values]
        scope = {"method": self.method.decode(), "headers": headers, "query_string": self.uri.partition(b"?")[2]}
        given = getattr(self.transport, "getPeerCertificate", lambda: None)()
        return {**scope, "client_certificate": given.to_cryptography()} if given is not None else scope

    def _answer(self, answer: HttpResponse) -> None:
        self.setResponseCode(answer.code)
        for name, value in [*answer.headers, ("Content-Length", str(len(answer.body)))]:
            self.setHeader(name.encode(), value.encode())
        self.write(answer.body)
        self.finish()

    def _take_over(self, protocol: Protocol) -> None:
        asked = self.requestHeaders.getRawHeaders(b"X-Stream-Protocol-Version") or [b""]
        offered = [one.strip().decode() for line in asked for one in line.split(b",")]
        chosen = next((one for one in PROTOCOLS if one in offered), "")
        transport, self.transport = self.transport, None
        if isinstance(transport, ProtocolWrapper):
            transport.wrappedProtocol = protocol
        else:
            transport.protocol = protocol
        lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: SPDY/3.1"]
        lines += [f"X-Stream-Protocol-Version: {chosen}"] if chosen else []
        transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        protocol.makeConnection(transport)
        self.server.protocol_disconnected(self)
        self.channel._networkProducer.resumeProducing()


def with_upgrades(factory: HTTPFactory) -> None:
    """Let the connections of Daphne's factory take their requests as `UpgradableRequest`."""
    build = factory.buildProtocol

    def build_upgradable(address: Any) -> Any:
        protocol = build(address)
        protocol.requestFactory = UpgradableRequest
        return protocol

    factory.buildProtocol = build_upgradable


class RemoteStreams(Protocol):
    """One exec or attach: the client opens a stream for each of error, stdin, stdout, stderr, resize."""

    def __init__(self, remote: Remote, asked: Connection):
        self._remote = remote
        self._framer = spdy.Framer()
        self._streams: dict[str, int] = {}
        self._typed: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue()
        self._sizes: asyncio.Queue[bytes] = asyncio.Queue()
        self._tty = asked.tty
        self._work: asyncio.Task[None] | None = None
        self._wanted = {"error"} | {
            name for name, on in (("stdin", asked.stdin), ("stdout", asked.stdout), ("stderr", asked.stderr)) if on
        }
        if asked.tty:
            self._wanted.discard("stderr")

    def dataReceived(self, data: bytes) -> None:
        try:
            for frame in self._framer.feed(data):
                self._take(frame)
        except spdy.BadFrame:
            self.transport.loseConnection()

    def _take(self, frame: spdy.Frame) -> None:
        if frame.kind == spdy.SYN_STREAM:
            self._streams[frame.headers.get("streamtype", "")] = frame.number
            self.transport.write(self._framer.reply(frame.number))
            if self._work is None and self._wanted <= set(self._streams):
                self._work = asyncio.ensure_future(self._run())
        elif frame.kind == 0 and frame.number == self._streams.get("stdin"):
            self._typed.put_nowait((frame.data, frame.fin))
        elif frame.kind == 0 and frame.number == self._streams.get("resize"):
            self._sizes.put_nowait(frame.data)
        elif frame.kind == spdy.PING:
            self.transport.write(spdy.ping(frame.number))
        elif frame.kind == spdy.GOAWAY:
            self.transport.loseConnection()

    async def _run(self) -> None:
        """Carry both directions until the process ends."""
        async with self._remote:
            at_work: list[asyncio.Task[None]] = []
            try:
                if self._tty:
                    await self._first_size()
                await self._remote.start()
                at_work += [asyncio.ensure_future(self._type()), asyncio.ensure_future(self._resize())]
                await self._show()
                self._end(exit_status(self._remote.code))
            except StatusError as error:
                self._end(error.status())
            except Exception as error:
                self._end(internal(str(error)).status())
                raise
            finally:
                for task in at_work:
                    task.cancel()

    async def _type(self) -> None:
        while True:
            data, end = await self._typed.get()
            await self._remote.write(data, end=end)

    async def _first_size(self) -> None:
        """Wait a little for the size of the client's terminal, so that the process starts with it."""
        try:
            async with asyncio.timeout(SIZE_PATIENCE):
                await self._remote.resize(await self._sizes.get())
        except TimeoutError:
            return

    async def _resize(self) -> None:
        while True:
            for text in (await self._sizes.get()).splitlines():
                await self._remote.resize(text)

    async def _show(self) -> None:
        names = {1: "stdout", 2: "stderr"}
        async for number, written in self._remote.output():
            stream = self._streams.get(names[number])
            for start in range(0, len(written), CHUNK) if stream is not None else ():
                self.transport.write(spdy.data(stream, written[start : start + CHUNK]))

    def _end(self, status: dict[str, Any]) -> None:
        for name in ("stdout", "stderr"):
            if name in self._streams:
                self.transport.write(spdy.data(self._streams[name], b"", fin=True))
        text = orjson.dumps(status)
        self.transport.write(spdy.data(self._streams["error"], text))
        self.transport.write(spdy.data(self._streams["error"], b"", fin=True))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._work is not None:
            self._work.cancel()
