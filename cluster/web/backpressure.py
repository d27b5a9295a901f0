"""How fast a client reads: who streams to it waits while it does not, so that no backlog grows in the socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Backpressure:
    """Twisted's producer for one response: the transport pauses it while its buffer is full.

    Without a `request` (another ASGI server) nobody pauses it.
    """

    def __init__(self, request: Any = None):
        self._request = request
        self._may_write = asyncio.Event()
        self._may_write.set()

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Be told of the buffer while chunks are written; ends before the response does."""
        if self._request is not None:
            self._request.registerProducer(self, True)
        try:
            yield
        finally:
            if getattr(self._request, "channel", None) is not None:
                self._request.unregisterProducer()

    async def drained(self) -> None:
        """Wait until the client has read enough."""
        await self._may_write.wait()

    def pauseProducing(self) -> None:
        self._may_write.clear()

    def resumeProducing(self) -> None:
        self._may_write.set()

    def stopProducing(self) -> None:
        self._may_write.set()
