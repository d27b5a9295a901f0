"""The Channels worker `control-plane`: takes wake-ups and calls, hands on what sessions write.

The state is not in the consumer but in the engine beside it, and all that must last is in the
database. A call names an entry of `CALLS`; its answers go to the caller's reply channel.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.layers import get_channel_layer
from channels.worker import Worker

from cluster.machinery.errors import StatusError, internal
from cluster.persistence.announce import BELL, CONTROL_PLANE
from cluster.persistence.replica import Work
from cluster.persistence.worker_loop import WorkerLoop
from cluster.runtime.simulation import Simulation
from cluster.web.consumers.calls import CALLS, Leave, Stream
from cluster.web.consumers.outbox import Outbox

logger = logging.getLogger(__name__)


class Job:
    """One call, done inside the lab's next slice."""

    def __init__(self, engine: Engine, message: Mapping[str, Any]):
        self.engine = engine
        self.message = message

    def __call__(self, simulation: Simulation) -> None:
        lab_id, reply = self.message["lab"], self.message["reply"]
        try:
            answer = CALLS[self.message["call"]](simulation, self.message["arguments"])
        except StatusError as error:
            self.engine.say(lab_id, reply, {"type": "failed", "status": error.status()})
        except Exception as error:  # the lab broke: the caller hears it, the slice is rolled back
            self.engine.send(reply, {"type": "failed", "status": internal(str(error)).status()})
            raise
        else:
            self._answer(lab_id, reply, answer)

    def _answer(self, lab_id: int, reply: str, answer: Any) -> None:
        if isinstance(answer, Leave):
            self.engine.close(lab_id, reply, answer.session)
            return
        if isinstance(answer, Stream):
            self.engine.say(lab_id, reply, {"type": "answer", "value": answer.session})
            if answer.first:
                self.engine.say(lab_id, reply, {"type": "output", "session": answer.session, "data": answer.first})
            self.engine.open(lab_id, reply, answer)
        else:
            self.engine.say(lab_id, reply, {"type": "answer", "value": answer})


@dataclass
class Heard:
    """One session's stream and the reply channels that listen to it."""

    stream: Stream
    listeners: dict[str, None] = field(default_factory=dict)


class Engine:
    """The worker loop and the sessions that listen to it."""

    def __init__(self) -> None:
        self.loop = WorkerLoop(self)
        self._streams: dict[int, dict[str, Heard]] = defaultdict(dict)
        self._said: dict[int, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self._asyncio: asyncio.AbstractEventLoop | None = None
        self._outbox = Outbox(BELL.start)

    async def serve(self) -> None:
        """Run until cancelled; raises when the loop's thread dies."""
        self._asyncio = asyncio.get_running_loop()
        self.loop.start()
        channels = [CONTROL_PLANE, own_channel(self.loop.id)]
        listening = asyncio.ensure_future(Worker(application, channels, get_channel_layer()).arun())
        try:
            while self.loop.alive and not listening.done():
                await asyncio.wait([listening], timeout=1)
        finally:
            listening.cancel()
        raise RuntimeError("the control plane stopped")

    def stop(self) -> None:
        self.loop.stop()

    def receive(self, message: Mapping[str, Any]) -> None:
        """Take one message of the channel; never raises, since Channels would drop the consumer."""
        try:
            work = [Job(self, message)] if message["type"] == "lab.call" else []
            self.loop.post(message["lab"], *work)
        except Exception:
            logger.exception("a message to the control plane could not be read")

    def open(self, lab_id: int, reply: str, stream: Stream) -> None:
        """Let `reply` listen to a session; several may listen to one."""
        heard = self._streams[lab_id].setdefault(stream.session, Heard(stream))
        heard.listeners[reply] = None

    def close(self, lab_id: int, reply: str, session: str) -> None:
        heard = self._streams[lab_id].get(session)
        if heard is not None:
            heard.listeners.pop(reply, None)
            if not heard.listeners:
                del self._streams[lab_id][session]

    def harvest(self, lab_id: int, simulation: Simulation) -> None:
        for session, heard in list(self._streams.get(lab_id, {}).items()):
            try:
                messages, over = heard.stream.read(simulation)
            except StatusError as error:
                messages, over = [{"type": "failed", "status": error.status()}], True
            for message in messages:
                for reply in heard.listeners:
                    self.say(lab_id, reply, {**message, "session": session})
            if over:
                del self._streams[lab_id][session]

    def say(self, lab_id: int, reply: str, message: dict[str, Any]) -> None:
        """Send when the slice is committed."""
        self._said[lab_id].append((reply, message))

    def deliver(self, lab_id: int) -> None:
        for reply, message in self._said.pop(lab_id, ()):
            self.send(reply, message)

    def discard(self, lab_id: int) -> None:
        self._said.pop(lab_id, None)

    def forward(self, lab_id: int, work: Sequence[Work], holder: str) -> None:
        messages = [dict(job.message) for job in work if isinstance(job, Job)]
        for message in messages or [{"type": "lab.wake", "lab": lab_id}]:
            self.send(own_channel(holder), message)

    def send(self, channel: str, message: dict[str, Any]) -> None:
        """Send now, from the loop's thread."""
        if self._asyncio is not None and not self._asyncio.is_closed():
            self._asyncio.call_soon_threadsafe(self._outbox.put, channel, message)


def own_channel(worker: str) -> str:
    return f"{CONTROL_PLANE}.{worker}"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The consumer: plain ASGI, as Channels' own makes a thread hop for every message."""
    while True:
        ENGINE.receive(await receive())


ENGINE = Engine()
