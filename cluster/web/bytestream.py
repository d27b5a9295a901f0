"""The bytes of a forwarded connection as messages a simulated process can answer, and answers as bytes.

HTTP/1.x is taken apart into requests, one after the other on one connection; everything else is handed on as it
comes, whole commands at a time where it is Redis' protocol. Left out: TLS, WebSockets, trailers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

_REQUEST = re.compile(rb"([A-Z][A-Z-]*) (\S+) HTTP/(1\.[01])\r?\n")
_MAYBE_HTTP = re.compile(rb"[A-Z-]{1,20}( \S*( [HTP/1.0]*)?)?\r?")
HEAD_LIMIT, BODY_LIMIT = 1 << 20, 32 << 20
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Message:
    """What came: an HTTP request, or raw bytes (`method` is ''). `interim` is to be written back at once."""

    method: str = ""
    target: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    closes: bool = False
    interim: bytes = b""


class BadStream(Exception):
    """Bytes that cannot be made sense of; the connection is closed."""


class Reader:
    """One direction of one connection."""

    def __init__(self) -> None:
        self._buffer = b""
        self._told = False

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that are complete."""
        self._buffer += data
        while self._buffer:
            found = self._next()
            if found is None:
                return
            yield found

    def _next(self) -> Message | None:
        if self._buffer[:1] == b"*":
            return self._commands()
        if _REQUEST.match(self._buffer):
            return self._request()
        first = self._buffer.partition(b"\n")[0]
        if b"\n" not in self._buffer and _MAYBE_HTTP.fullmatch(first):
            return None
        raw, self._buffer = self._buffer, b""
        return Message(body=raw)

    def _commands(self) -> Message | None:
        size = command_size(self._buffer)
        if size is None:
            return None
        raw, self._buffer = self._buffer[:size], self._buffer[size:]
        return Message(body=raw)

    def _request(self) -> Message | None:
        end = re.search(rb"\r?\n\r?\n", self._buffer)
        if end is None:
            if len(self._buffer) > HEAD_LIMIT:
                raise BadStream
            return None
        head, rest = self._buffer[: end.start()], self._buffer[end.end() :]
        method, target, version, headers = _head(head)
        found = _body(headers, rest)
        if found is None:
            return self._waiting(headers, rest)
        body, self._buffer = found
        self._told = False
        connection = headers.get("connection", "").lower()
        closes = connection == "close" or version == "1.0" and connection != "keep-alive"
        return Message(method, target, tuple(_pairs(head)), body, closes)

    def _waiting(self, headers: dict[str, str], rest: bytes) -> Message | None:
        if len(rest) > BODY_LIMIT:
            raise BadStream
        if headers.get("expect", "").lower() == "100-continue" and not self._told:
            self._told = True
            return Message(interim=CONTINUE)
        return None


def _head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    found = _REQUEST.match(head + b"\n")
    if found is None:
        raise BadStream
    method, target, version = (part.decode("latin-1") for part in found.groups())
    return method, target, version, {name.lower(): value for name, value in _pairs(head)}


def _pairs(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


def _body(headers: dict[str, str], rest: bytes) -> tuple[bytes, bytes] | None:
    """Return (body, what follows); None while it is not complete."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(rest)
    length = headers.get("content-length", "0")
    if not length.isdigit():
        raise BadStream
    size = int(length)
    return (rest[:size], rest[size:]) if len(rest) >= size else None


def _chunks(rest: bytes) -> tuple[bytes, bytes] | None:
    found = b""
    while True:
        line, newline, after = rest.partition(b"\r\n")
        if not newline:
            return None
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            raise BadStream from None
        if len(after) < size + 2:
            return None
        found, rest = found + after[:size], after[size + 2 :]
        if size == 0:
            return found, rest


def command_size(data: bytes) -> int | None:
    """Return how many bytes the first command of Redis' protocol takes; None while it is not complete."""
    line, newline, _ = data.partition(b"\r\n")
    if not newline:
        return None
    at = len(line) + 2
    for _ in range(_number(line)):
        line, newline, _ = data[at:].partition(b"\r\n")
        if not newline:
            return None
        at += len(line) + 2 + _number(line) + 2
    return at if at <= len(data) else None


def _number(line: bytes) -> int:
    if not line[1:].isdigit():
        raise BadStream
    return int(line[1:])


def response(message: Message, status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
    """Return the answer to an HTTP request as it goes over the wire."""
    names = {name.lower() for name, _ in headers}
    lines = [f"HTTP/1.1 {status} {_reason(status)}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in ("content-length", "connection")]
    if status not in (204, 304) and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(body)}")
    if message.closes:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    return head if message.method == "HEAD" or status in (204, 304) else head + body


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
