"""SPDY/3.1 framing, as much of it as kubectl before 1.30 needs for exec, attach and port-forward.

Flow control is left out, as Kubernetes' own SPDY library leaves it out. Frames are described in
https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SYN_STREAM, SYN_REPLY, RST_STREAM, PING, GOAWAY = 1, 2, 3, 6, 7
FIN = 0x01
_VERSION = 0x8003
_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age "
    "allow authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status"
)
_PHRASES = ["200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin"]
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized"
    "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
    "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _counted(word: str) -> bytes:
    return struct.pack(">I", len(word)) + word.encode()


# What both sides agree to have seen before the first header: the draft's dictionary.
DICTIONARY = b"".join(map(_counted, [*_WORDS.split(), *_PHRASES])) + _REST.encode()


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: `kind` 0 is data, others are control frames. `number` is the stream's, or a ping's."""

    kind: int
    number: int
    fin: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""


class BadFrame(Exception):
    """Bytes that are no SPDY/3 frame."""


class Framer:
    """Reads and writes the frames of one connection: header compression remembers what went before."""

    def __init__(self) -> None:
        self._buffer = b""
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that are complete."""
        self._buffer += data
        while len(self._buffer) >= 8:
            size = int.from_bytes(self._buffer[5:8], "big")
            if len(self._buffer) < 8 + size:
                return
            head, body = self._buffer[:8], self._buffer[8 : 8 + size]
            self._buffer = self._buffer[8 + size :]
            frame = self._control(head, body) if head[0] & 0x80 else _data(head, body)
            if frame is not None:
                yield frame

    def _control(self, head: bytes, body: bytes) -> Frame | None:
        version, kind = struct.unpack(">HH", head[:4])
        if version != _VERSION:
            raise BadFrame(f"version {version & 0x7FFF}")
        fin = bool(head[4] & FIN)
        if kind == SYN_STREAM and len(body) >= 10:
            return Frame(kind, _number(body), fin, self._headers(body[10:]))
        if kind in (RST_STREAM, PING, GOAWAY) and len(body) >= 4:
            return Frame(kind, _number(body) if kind != PING else struct.unpack(">I", body[:4])[0], fin)
        return None

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            return _pairs(self._inflate.decompress(block))
        except (zlib.error, struct.error) as error:
            raise BadFrame(str(error)) from error

    def reply(self, stream: int) -> bytes:
        """Return the SYN_REPLY that accepts a stream."""
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _frame(SYN_REPLY, struct.pack(">I", stream) + block)


def _number(body: bytes) -> int:
    return int(struct.unpack(">I", body[:4])[0] & 0x7FFFFFFF)


def _data(head: bytes, body: bytes) -> Frame:
    return Frame(0, _number(head), bool(head[4] & FIN), data=body)


def _pairs(text: bytes) -> dict[str, str]:
    (count,), at = struct.unpack(">I", text[:4]), 4
    words: list[str] = []
    for _ in range(2 * count):
        (size,) = struct.unpack(">I", text[at : at + 4])
        words.append(text[at + 4 : at + 4 + size].decode("latin-1"))
        at += 4 + size
    return dict(zip(words[::2], words[1::2], strict=True))


def _frame(kind: int, body: bytes, flags: int = 0) -> bytes:
    return struct.pack(">HHI", _VERSION, kind, flags << 24 | len(body)) + body


def data(stream: int, payload: bytes, *, fin: bool = False) -> bytes:
    return struct.pack(">II", stream, (FIN if fin else 0) << 24 | len(payload)) + payload


def ping(number: int) -> bytes:
    return _frame(PING, struct.pack(">I", number))


def goaway() -> bytes:
    return _frame(GOAWAY, struct.pack(">II", 0, 0))
