"""One reader of each watched lab per process: new revisions are read once and handed to all its watches.

A `Fanout` follows a lab's log while anybody watches. A watch that takes longer to send than the log
takes to grow loses its backlog, which is bounded, and catches up from the log itself: nothing is
lost or told twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cluster.apiserver.watch import Lines
from cluster.persistence import log
from cluster.persistence.announce import BELL
from cluster.persistence.django_store import DjangoStore
from cluster.store.interface import Revision

logger = logging.getLogger(__name__)

PACE = 0.02  # seconds between two readings: writes that come together are sent together
PAGE = 500  # revisions of one reading
GROUP = 10  # watches told at once, before the requests that came meanwhile have their turn
BREATH = 0.001  # seconds for those
BACKLOG = 2000  # revisions kept for one slow watch


@dataclass(frozen=True, slots=True)
class News:
    """What one reading found of one resource. `lines` are the encoded events, shared by all its watches."""

    revisions: Sequence[Revision]
    newest: int
    lines: Lines = field(default_factory=dict)


class Subscription:
    """One watch's place in the distribution."""

    def __init__(self, fanout: Fanout, resource: str):
        self.resource = resource
        self.behind = True  # it must read the log by itself, from where it is
        self.lab_is_gone = False
        self._fanout = fanout
        self._waiting: deque[News] = deque()
        self._size = 0
        self._rung = asyncio.Event()

    @property
    def heard(self) -> int:
        """Return the revision up to which everything has been taken; 0 when something waits."""
        return 0 if self._waiting or self.behind else self._fanout.newest

    def offer(self, news: News) -> None:
        """Keep news for the watch, unless it is so slow that it had better read the log."""
        self._size += len(news.revisions)
        if self._size > BACKLOG:
            self.fall_behind()
        elif not self.behind:
            self._waiting.append(news)
        self._rung.set()

    def fall_behind(self) -> None:
        self.behind = True
        self._waiting.clear()
        self._size = 0
        self._rung.set()

    def lose_lab(self) -> None:
        self.lab_is_gone = True
        self._rung.set()

    def catch_up(self) -> None:
        """Take news again, because the watch now reads all that was before them."""
        self.behind = False
        self._size = 0

    def take(self) -> News | None:
        """Return the oldest news not yet taken."""
        if not self._waiting:
            return None
        news = self._waiting.popleft()
        self._size -= len(news.revisions)
        return news

    async def changed(self, patience: float) -> None:
        """Wait for something to take, at most `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


class Fanout:
    """All watches of one lab in this process. `newest` is the end of the log as last read."""

    def __init__(self, lab_id: int, thread: ThreadPoolExecutor):
        self.lab_id = lab_id
        self.newest = -1
        self._subscriptions: dict[str, set[Subscription]] = defaultdict(set)
        self._thread = thread
        self._turn = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None

    async def join(self, resource: str) -> Subscription:
        """Take part from now on: all that the log does not hold when this returns will be offered."""
        one = Subscription(self, resource)
        self._subscriptions[resource].add(one)
        async with self._turn:  # a reading that does not know of this resource yet has ended
            if self.newest < 0:
                self.newest = await self._in_thread(_newest, self.lab_id)
        if self._following is None:
            self._following = asyncio.ensure_future(self._follow())
        return one

    def leave(self, resource: str, one: Subscription | None) -> bool:
        """Take part no more; return whether nobody is left."""
        group = self._subscriptions[resource]
        if one is not None:
            group.discard(one)
        if not group:
            del self._subscriptions[resource]
        return not self._subscriptions

    def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()

    async def _follow(self) -> None:
        with BELL.listening(self.lab_id) as bell:
            while True:
                await bell.changed()
                try:
                    while await self._read():
                        await asyncio.sleep(0)
                except Exception:  # each watch then meets what is wrong by itself, and its client hears of it
                    logger.exception("the log of lab %s could not be read", self.lab_id)
                    self._tell_all(Subscription.fall_behind)
                await asyncio.sleep(PACE)

    async def _read(self) -> bool:
        """Hand on what is new; return whether there may be more already."""
        async with self._turn:
            start = self.newest
            found = await self._in_thread(log.news, self.lab_id, start, sorted(self._subscriptions), PAGE)
            if found is None:
                self._tell_all(Subscription.lose_lab)
                return False
            newest, oldest, revisions = found
            whole = len(revisions) < PAGE
            self.newest = newest if whole else revisions[-1].number
        if start < oldest:  # history was forgotten faster than it was read: let each see what is left for it
            self._tell_all(Subscription.fall_behind)
        else:
            await self._distribute(revisions)
        return not whole

    async def _distribute(self, revisions: Sequence[Revision]) -> None:
        parts: dict[str, list[Revision]] = defaultdict(list)
        for revision in revisions:
            parts[revision.resource].append(revision)
        for resource, part in parts.items():
            news = News(part, self.newest)
            for number, one in enumerate(list(self._subscriptions.get(resource, ()))):
                one.offer(news)
                if number % GROUP == GROUP - 1:
                    await asyncio.sleep(BREATH)

    def _tell_all(self, tell: Callable[[Subscription], None]) -> None:
        for group in self._subscriptions.values():
            for one in group:
                tell(one)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


def _newest(lab_id: int) -> int:
    return DjangoStore(lab_id).revision


class Fanouts:
    """The fan-outs of one process; they share the thread that reads."""

    def __init__(self, thread: ThreadPoolExecutor | None = None) -> None:
        self._open: dict[int, Fanout] = {}
        self._thread = thread or ThreadPoolExecutor(1, thread_name_prefix="watch")

    @asynccontextmanager
    async def subscribed(self, lab_id: int, resource: str) -> AsyncIterator[Subscription]:
        """Subscribe to the news of one resource of a lab."""
        fanout = self._open.get(lab_id)
        if fanout is None:
            fanout = self._open[lab_id] = Fanout(lab_id, self._thread)
        one: Subscription | None = None
        try:
            one = await fanout.join(resource)
            yield one
        finally:
            if fanout.leave(resource, one):
                self._open.pop(lab_id, None)
                fanout.stop()


FANOUTS = Fanouts()
"""Process-wide: every watch that the process serves."""
