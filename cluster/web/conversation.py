"""Asking the control plane's worker: a question with one answer, or a session with output.

What comes back as a failure is raised as the `StatusError` it was there. Where no worker answers,
the API server says what a real one says when a kubelet cannot be reached.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.layers import get_channel_layer

from cluster.machinery.errors import StatusError, internal
from cluster.persistence.announce import CONTROL_PLANE

PATIENCE = 15.0


class Conversation:
    """One caller's channel to the worker of one lab."""

    def __init__(self, lab_id: int, channel: str):
        self.lab_id = lab_id
        self.channel = channel
        self.layer = get_channel_layer()

    async def tell(self, call: str, **arguments: Any) -> None:
        """Send a call; its answer comes by `receive`."""
        message = {"type": "lab.call", "lab": self.lab_id, "call": call, "arguments": arguments, "reply": self.channel}
        await self.layer.send(CONTROL_PLANE, message)

    async def ask(self, call: str, **arguments: Any) -> Any:
        """Send a call and wait for its answer."""
        await self.tell(call, **arguments)
        message = await self.receive(PATIENCE)
        return message.get("value")

    async def receive(self, patience: float | None = None) -> dict[str, Any]:
        """Return the next message; raises what it reports as failed."""
        try:
            async with asyncio.timeout(patience):
                message = await self.layer.receive(self.channel)
        except TimeoutError:
            raise _unreachable() from None
        if message["type"] == "failed":
            raise _status_error(message["status"])
        return dict(message)

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """Yield messages for as long as the caller listens."""
        while True:
            yield await self.receive()


@asynccontextmanager
async def conversation(lab_id: int) -> AsyncIterator[Conversation]:
    """Open a channel of one's own, and forget it at the end."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    try:
        yield Conversation(lab_id, channel)
    finally:
        getattr(layer, "channels", {}).pop(channel, None)


def new_session() -> str:
    return f"{next(_COUNTER)}-{secrets.token_hex(4)}"


_COUNTER = itertools.count(1)


def _unreachable() -> StatusError:
    return internal("error dialing backend: the control plane of this lab does not answer")


def _status_error(status: dict[str, Any]) -> StatusError:
    return StatusError(
        status.get("code", 500), status.get("reason", ""), status.get("message", ""), status.get("details")
    )
