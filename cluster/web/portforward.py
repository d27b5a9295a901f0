"""port-forward: a client's connections to ports of a pod, whatever carries their bytes.

Each connection is one task that asks the lab's worker; what comes back is written when it is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cluster.apiserver.wireforms import Connection
from cluster.machinery.errors import StatusError
from cluster.web.bytestream import BadStream, Message, Reader, response
from cluster.web.conversation import Conversation, conversation

Write = Callable[[bytes], None]
End = Callable[[str], None]


class Pipe:
    """One connection. `write` takes what the pod says, `end` that it is over, with the reason if it failed."""

    def __init__(self, lab_id: int, asked: Connection, port: int, write: Write, end: End):
        self._lab_id = lab_id
        self._where = {"namespace": asked.namespace, "pod": asked.name, "port": port}
        self._write = write
        self._end = end
        self._given: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._task = asyncio.ensure_future(self._run())

    def feed(self, data: bytes) -> None:
        """Take what the client says."""
        if data:
            self._given.put_nowait(data)

    def close(self) -> None:
        """The client says no more: what it has asked is still answered."""
        self._given.put_nowait(None)

    def abort(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        why = ""
        try:
            async with conversation(self._lab_id) as worker:
                await worker.ask("forward.connect", **self._where)
                await self._carry(worker)
        except StatusError as error:
            why = error.message
        except BadStream:
            pass
        self._end(why)

    async def _carry(self, worker: Conversation) -> None:
        reader = Reader()
        while (data := await self._given.get()) is not None:
            for message in reader.feed(data):
                if message.interim:
                    self._write(message.interim)
                elif not await self._answer(worker, message):
                    return

    async def _answer(self, worker: Conversation, message: Message) -> bool:
        """Write the answer to one message; False when the pod closed the connection."""
        reply = await worker.ask("forward", **self._where, **_packed(message))
        if reply["error"]:
            return False
        if not message.method:
            self._write(reply["body"])
            return True
        headers = [(str(name), str(value)) for name, value in reply["headers"]]
        self._write(response(message, reply["status"], headers, reply["body"]))
        return not message.closes


def _packed(message: Message) -> dict[str, Any]:
    headers = [list(pair) for pair in message.headers]
    return {"method": message.method, "target": message.target, "headers": headers, "body": message.body}
