"""The Kubernetes API over HTTP: an ASGI application of its own in front of the pages.

It leaves Django's middleware out, answers in a few threads with a database connection each, and
streams watches and followed logs event by event.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from cluster.apiserver.callout import NotHere
from cluster.apiserver.flowcontrol.dump import PATH as DUMP
from cluster.apiserver.http import failure
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import StatusError, internal, no_such_path, too_large
from cluster.web import gate
from cluster.web.backpressure import Backpressure
from cluster.web.elsewhere import Answered, Learnt, Missing, complete
from cluster.web.flows import FLOWS, TooMany, asker_of, client_of, digest_of
from cluster.web.podaccess import fetch_through, read_logs, stream_logs
from cluster.web.watching import watch_lines

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ROUTE = re.compile(
    r"/labs/(?P<slug>[^/]+)"
    r"(?P<path>/(?:apis?|version|healthz|livez|readyz|openapi|openid|metrics|debug|\.well-known)(?:/.*)?)",
    re.DOTALL,
)
# kubectl leaves the server's own prefix out of `get --raw`; the token says which lab is meant.
RAW = re.compile(r"/(?:apis?|version|livez|readyz|openapi|metrics|debug)(?:/.*)?", re.DOTALL)
BODY_LIMIT = 3 * 1024 * 1024  # the real server's


class Threads:
    """The few threads that touch the database for the API."""

    def __init__(self, count: int = 4):
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="api")
        self._servers = gate.Servers()

    async def answer(self, scope: Scope, slug: str, request: HttpRequest) -> Answered:
        return await complete(partial(self.run, self._answer, scope, slug, request), request)

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def _answer(self, scope: Scope, slug: str, request: HttpRequest, learnt: Sequence[Learnt]) -> Answered:
        door = gate.find(slug)
        user = gate.known_user(door, scope, request.method)
        gate.note_visit(door)
        api = self._servers.of(door)
        chain = api.server.authorizer.chain
        for one in learnt:
            one.teach(chain)
        asker_of(api.server)
        try:
            answer = api.handle(request, user)
            FLOWS.learn(slug, client_of(scope, request), api.server)
            return Answered(door, answer)
        except NotHere as cause:
            raise Missing(door, api.authentication.identity(request, user), cause, chain) from None


THREADS = Threads()


class KubernetesApi:
    """Serves `/labs/<id>/api…`; every other path is the pages'."""

    def __init__(self, otherwise: Any):
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = ROUTE.fullmatch(scope["path"])
        raw = found is None and RAW.fullmatch(scope["path"]) is not None
        token = gate.bearer(scope) if raw else ""
        if found is None and not token:
            await self._otherwise(scope, receive, send)
            return
        try:
            slug = found["slug"] if found else await THREADS.run(gate.slug_of, token)
            await self._serve(scope, receive, send, slug, found["path"] if found else scope["path"])
        except StatusError as error:
            await _send_whole(send, failure(error))

    async def _serve(self, scope: Scope, receive: Receive, send: Send, slug: str, path: str) -> None:
        request = http_request(scope, path, await _read_body(receive))
        client, asked = client_of(scope, request), digest_of(request)
        try:
            async with FLOWS.seat(slug, client, asked):
                answered = await THREADS.answer(scope, slug, request)
        except TooMany as refusal:
            await _send_whole(send, refusal.response)
            return
        except StatusError:
            raise
        except Exception as error:  # a bug: logged, and told as what it is
            logger.exception("%s %s", scope["method"], scope["path"])
            raise internal(str(error)) from error
        if path == DUMP and isinstance(answered.answer, HttpResponse) and answered.answer.code == 404:
            answered.answer.code, answered.answer.body = 200, FLOWS.dump(slug).encode()
        if isinstance(answered.answer, Connection) and answered.answer.kind == "proxy":
            outer = scope["path"].removesuffix(path)
            answered.answer = await fetch_through(answered.door.lab_id, answered.answer, request, outer)
        await _give(answered, receive, send, scope, FLOWS.headers(slug, client, asked))


async def _give(answered: Answered, receive: Receive, send: Send, scope: Scope, headers: list[tuple[str, str]]) -> None:
    door, answer = answered.door, answered.answer
    if isinstance(answer, HttpResponse):
        await _send_whole(send, HttpResponse(answer.code, [*answer.headers, *headers], answer.body))
    elif isinstance(answer, Watch):
        lines = watch_lines(door.lab_id, answer, THREADS.run)
        await _stream(send, receive, [*answer.headers, *headers], lines, scope.get("backpressure"))
    elif answer.kind == "log" and answer.options.get("follow") in ("true", "1"):
        text = stream_logs(door.lab_id, answer)
        await _stream(send, receive, [("Content-Type", "text/plain")], text, scope.get("backpressure"))
    elif answer.kind == "log":
        await _send_whole(send, await read_logs(door.lab_id, answer))
    else:
        raise StatusError(400, "BadRequest", "Upgrade request required")


def http_request(scope: Scope, path: str, body: bytes = b"") -> HttpRequest:
    """Return the request as the API server takes it; `path` is the lab's own."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    query = scope["query_string"].decode("latin-1")
    shown = scope.get("client_certificate")
    certificates = () if shown is None else (shown,)
    return HttpRequest(scope.get("method", "GET"), path, query, headers, body, _client(scope), certificates)


def _client(scope: Scope) -> str:
    """Return the client's address, '' where the server does not know it."""
    return str((scope.get("client") or ("",))[0])


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise no_such_path()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY_LIMIT:
            raise too_large(BODY_LIMIT)
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


def _raw(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


async def _send_whole(send: Send, answer: HttpResponse) -> None:
    headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
    await send({"type": "http.response.start", "status": answer.code, "headers": _raw(headers)})
    await send({"type": "http.response.body", "body": answer.body})


async def _stream(
    send: Send,
    receive: Receive,
    headers: list[tuple[str, str]],
    chunks: AsyncIterator[bytes],
    backpressure: Backpressure | None = None,
) -> None:
    """Send chunks as they come and the client takes them, until they end or the client leaves."""
    first = await anext(chunks, None)  # what fails before the first chunk is still an answer of its own
    await send({"type": "http.response.start", "status": 200, "headers": _raw(headers)})
    # Daphne sends the headers with the first body: an empty one lets the client know it is connected.
    await send({"type": "http.response.body", "body": first or b"", "more_body": True})
    writing = asyncio.ensure_future(_write(send, chunks, backpressure or Backpressure()))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait([writing, leaving], return_when=asyncio.FIRST_COMPLETED)
    finally:
        writing.cancel()
        leaving.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)
        await chunks.aclose()  # type: ignore[attr-defined]


async def _write(send: Send, chunks: AsyncIterator[bytes], backpressure: Backpressure) -> None:
    with backpressure.streaming():
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await backpressure.drained()
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
