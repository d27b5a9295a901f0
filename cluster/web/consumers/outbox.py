"""Messages to callers in the order they were said: each channel has one sender, however slow the layer is."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)
Message = dict[str, Any]
Start = Callable[[Coroutine[Any, Any, None]], None]


class Outbox:
    """Used on the event loop only. `start` runs a coroutine beside everything else."""

    def __init__(self, start: Start):
        self._start = start
        self._waiting: dict[str, deque[Message]] = {}

    def put(self, channel: str, message: Message) -> None:
        """Send after everything put there before."""
        queue = self._waiting.get(channel)
        if queue is not None:
            queue.append(message)
            return
        self._waiting[channel] = deque([message])
        self._start(self._send(channel))

    async def _send(self, channel: str) -> None:
        queue = self._waiting[channel]
        try:
            while queue:
                await _deliver(channel, queue.popleft())
        finally:
            del self._waiting[channel]


async def _deliver(channel: str, message: Message) -> None:
    try:
        await get_channel_layer().send(channel, message)
    except asyncio.CancelledError:
        raise
    except Exception:  # the listener is gone or slow; sessions survive it
        logger.warning("a message to %s was lost", channel)
