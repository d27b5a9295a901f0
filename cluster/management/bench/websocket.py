"""A small blocking WebSocket client, for measurements and tests: text frames, one connection, no extensions."""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
from typing import Any
from urllib.parse import urlsplit


class Closed(Exception):
    """The server closed or refused the socket; `code` is its close code, 0 for a refused handshake."""

    def __init__(self, code: int):
        super().__init__(f"closed with {code}")
        self.code = code


def _masked_size(size: int) -> bytes:
    """Return the length field; the mask that follows is all zeros, so the data stays as it is."""
    if size < 126:
        return bytes([0x80 | size])
    return b"\xfe" + struct.pack(">H", size) if size <= 0xFFFF else b"\xff" + struct.pack(">Q", size)


class WebSocket:
    """One page's socket."""

    def __init__(self, url: str, *, cookie: str = "", origin: str = ""):
        where = urlsplit(url)
        self._socket = socket.create_connection((where.hostname, where.port), timeout=20)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        try:
            self._shake_hands(where.netloc, where.path, cookie, origin or f"http://{where.netloc}")
        except Closed:
            self.close()
            raise

    def _shake_hands(self, host: str, path: str, cookie: str, origin: str) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", f"Origin: {origin}"]
        lines += [f"Cookie: {cookie}"] if cookie else []
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._read_more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise Closed(0)

    def _read_more(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise Closed(1006)
        self._buffer += data

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._read_more()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def send(self, text: str | bytes, kind: int = 1) -> None:
        data = text.encode() if isinstance(text, str) else text
        self._socket.sendall(bytes([0x80 | kind]) + _masked_size(len(data)) + bytes(4) + data)

    def send_frame(self, **frame: Any) -> None:
        self.send(json.dumps(frame))

    def receive(self) -> str:
        """Return the next text; answers pings meanwhile."""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
            data = self._take(size)
            if first & 0x0F == 8:
                raise Closed(int.from_bytes(data[:2], "big") if data else 1005)
            if first & 0x0F == 9:
                self.send(data, 10)
            elif first & 0x0F in (1, 2):
                return data.decode()

    def receive_frame(self, *types: str) -> dict[str, Any]:
        """Return the next frame of one of these types, passing over others."""
        while True:
            frame: dict[str, Any] = json.loads(self.receive())
            if not types or frame["type"] in types:
                return frame

    def wait_for_output(self, text: str) -> str:
        """Return what terminals showed up to and with `text`."""
        shown = ""
        while text not in shown:
            shown += self.receive_frame("terminal.output")["data"]
        return shown

    def close(self) -> None:
        self._socket.close()
