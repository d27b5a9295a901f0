"""Wake-ups: after each commit whoever waits for that lab is told the newest revision, never the data.

Inside one process listeners are woken directly. Where a Redis layer joins processes, the wake-up
also goes to the group `labs`, from which every process wakes its own. A lost wake-up costs latency
only: listeners look by themselves now and then, which is also how writes of another process on
the same SQLite file are seen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

CONTROL_PLANE = "control-plane"
GROUP = "labs"
LOOK = 0.5  # seconds after which a listener looks by itself


class Listener:
    """One waiting task's bell for one lab."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def changed(self, patience: float = LOOK) -> bool:
        """Return True when rung, False when `patience` ran out."""
        try:
            async with asyncio.timeout(patience):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Bell:
    """The wake-ups of one process. `ring` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._pending: dict[int, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ring on this loop from now on; without one (a management command) nobody listens here."""
        self._loop = loop

    @contextmanager
    def listening(self, lab_id: int) -> Iterator[Listener]:
        if self._loop is None:
            self.bind(asyncio.get_running_loop())
        listener = Listener()
        self._listeners[lab_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[lab_id].discard(listener)
            if not self._listeners[lab_id]:
                del self._listeners[lab_id]

    def ring(self, lab_id: int, *, wake_worker: bool = True) -> None:
        """Tell that `lab_id` has changed; a worker that rings does not wake itself."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        first = not self._pending
        self._pending[lab_id] = self._pending.get(lab_id, False) or wake_worker
        if first:
            loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        pending, self._pending = self._pending, {}
        for lab_id in pending:
            self.ring_here(lab_id)
        self.start(self._send(pending))

    def ring_here(self, lab_id: int) -> None:
        for listener in self._listeners.get(lab_id, ()):
            listener.ring()

    def start(self, work: Any) -> None:
        """Run a coroutine beside everything else, kept from the garbage collector until it ends."""
        if self._loop is None:
            raise RuntimeError("no event loop is bound")
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, pending: dict[int, bool]) -> None:
        layer = get_channel_layer()
        for lab_id, wake_worker in pending.items():
            if wake_worker:
                await layer.send(CONTROL_PLANE, {"type": "lab.wake", "lab": lab_id})
            if not isinstance(layer, InMemoryChannelLayer):
                await layer.group_send(GROUP, {"type": "lab.changed", "lab": lab_id})

    async def relay(self) -> None:
        """Wake this process's listeners when another process rings; ends only by being cancelled."""
        layer = get_channel_layer()
        if isinstance(layer, InMemoryChannelLayer):
            return
        channel = await layer.new_channel()
        await layer.group_add(GROUP, channel)
        while True:
            message = await layer.receive(channel)
            self.ring_here(message["lab"])


BELL = Bell()
