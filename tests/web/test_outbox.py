"""What a worker says to one caller arrives in order, even over a layer that overtakes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cluster.web.consumers import outbox


class OvertakingLayer:
    """A layer on which the first message takes longest."""

    def __init__(self) -> None:
        self.arrived: list[Any] = []
        self._delay = 3

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self._delay, turns = max(0, self._delay - 1), self._delay
        for _ in range(turns):
            await asyncio.sleep(0)
        self.arrived.append(message["number"])


def test_messages_of_one_channel_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = OvertakingLayer()
    monkeypatch.setattr(outbox, "get_channel_layer", lambda: layer)

    async def say() -> None:
        tasks: list[asyncio.Task[None]] = []
        box = outbox.Outbox(lambda work: tasks.append(asyncio.ensure_future(work)))
        for number in range(4):
            box.put("caller", {"number": number})
        while pending := [task for task in tasks if not task.done()]:
            await asyncio.gather(*pending)

    asyncio.run(say())
    assert layer.arrived == [0, 1, 2, 3]
