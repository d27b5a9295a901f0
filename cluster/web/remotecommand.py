"""A process in a container as one client sees it, whatever carries the bytes (WebSocket or SPDY)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

import orjson

from cluster.apiserver.wireforms import Connection
from cluster.web.conversation import Conversation, conversation

LARGEST = 65535  # columns or rows, as the kernel counts them
SIZE_PATIENCE = 0.1  # seconds a process with a terminal waits for the client to say how large it is


class Remote:
    """One exec or attach: start it, write to it, read what it writes, leave it."""

    def __init__(self, lab_id: int, asked: Connection):
        self._lab_id = lab_id
        self._asked = asked
        self._stack = AsyncExitStack()
        self._worker: Conversation | None = None
        self._session = ""
        self._size = {"columns": 80, "rows": 24}
        self.code = 0

    async def __aenter__(self) -> Remote:
        self._worker = await self._stack.enter_async_context(conversation(self._lab_id))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        if self._session:
            await self.worker.tell("leave", session=self._session, process=True)
        await self._stack.aclose()

    @property
    def worker(self) -> Conversation:
        if self._worker is None:
            raise RuntimeError("the conversation has not begun")
        return self._worker

    async def start(self) -> None:
        """Start the process; StatusError when it cannot be."""
        asked = self._asked
        where = {"namespace": asked.namespace, "pod": asked.name, "container": asked.container}
        if asked.kind == "attach":
            self._session = await self.worker.ask("attach", stdin=asked.stdin, **where)
            if asked.tty:
                await self.worker.tell("exec.resize", session=self._session, **self._size)
        else:
            options = {"command": list(asked.argv), "tty": asked.tty, "stdin": asked.stdin, **self._size}
            self._session = await self.worker.ask("exec", **options, **where)

    async def write(self, data: bytes, *, end: bool = False) -> None:
        """Send to standard input."""
        if self._asked.stdin:
            await self.worker.tell("exec.input", session=self._session, data=data, end=end)

    async def resize(self, size: bytes) -> None:
        """Take the client's words on the size of its terminal; before `start` it is the process's first."""
        found = terminal_size(size)
        if found is None or not self._asked.tty:
            return
        self._size = found
        if self._session:
            await self.worker.tell("exec.resize", session=self._session, **found)

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Yield (1 or 2, bytes) until the process has ended; `code` is its exit code then."""
        async for message in self.worker.messages():
            if message["type"] == "output":
                # A terminal has one stream only.
                yield (1 if self._asked.tty else message.get("stream", 1)), message["data"]
            elif message["type"] == "end":
                self.code = message["code"]
                self._session = ""
                return


def terminal_size(text: bytes) -> dict[str, int] | None:
    """Return columns and rows of `{"Width":…,"Height":…}`, None when it says no size."""
    try:
        said = orjson.loads(text)
        columns, rows = said["Width"], said["Height"]
    except (ValueError, KeyError, TypeError):
        return None
    fits = all(type(number) is int and 0 < number <= LARGEST for number in (columns, rows))
    return {"columns": columns, "rows": rows} if fits else None


def exit_status(code: int) -> dict[str, Any]:
    """Return the Status that ends a remote command."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
