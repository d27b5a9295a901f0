"""RESP2, the protocol Redis clients speak: commands from bytes, and values as bytes.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any


class Failure(str):
    """An error as a value: `ERR unknown command 'x'`."""


class Status(str):
    """A short word that is no data: OK, PONG."""


def commands(data: bytes) -> Iterator[list[str]]:
    """Yield the words of each command: arrays of strings, or plain lines as somebody types them."""
    at = 0
    while at < len(data):
        line, _, _ = data[at:].partition(b"\r\n")
        if line[:1] != b"*":
            words = shlex.split(line.decode("utf-8", "replace"))
            at += len(line) + 2
            if words:
                yield words
            continue
        at += len(line) + 2
        found = []
        for _ in range(int(line[1:])):
            size = data[at:].partition(b"\r\n")[0]
            begin = at + len(size) + 2
            found.append(data[begin : begin + int(size[1:])].decode("utf-8", "replace"))
            at = begin + int(size[1:]) + 2
        yield found


def encode(value: Any) -> bytes:
    """Return a value as it goes over the wire."""
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, Failure):
        return f"-{value}\r\n".encode()
    if isinstance(value, Status):
        return f"+{value}\r\n".encode()
    if isinstance(value, int):
        return f":{value}\r\n".encode()
    if isinstance(value, list):
        return f"*{len(value)}\r\n".encode() + b"".join(map(encode, value))
    text = str(value).encode()
    return f"${len(text)}\r\n".encode() + text + b"\r\n"
