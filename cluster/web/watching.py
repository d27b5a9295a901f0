"""One client's watch, from its first line to its last."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from cluster.apiserver.watch import Watch
from cluster.machinery.errors import no_such_path
from cluster.persistence.django_store import DjangoStore
from cluster.web.fanout import FANOUTS, PAGE, Fanouts, Subscription

LIFE = (1800, 3600)  # seconds an unbounded watch lives, as --min-request-timeout has it
BOOKMARK_EVERY = 60.0  # seconds
Run = Callable[..., Awaitable[Any]]


async def watch_lines(lab_id: int, watch: Watch, run: Run, fanouts: Fanouts = FANOUTS) -> AsyncIterator[bytes]:
    """Yield what a watch has to say as it comes, an empty chunk first. `run` works in a thread."""
    loop = asyncio.get_running_loop()
    end = loop.time() + (watch.timeout or random.uniform(*LIFE))
    marked = loop.time()
    async with fanouts.subscribed(lab_id, watch.resource) as news:
        yield b""
        if lines := await run(_begin, lab_id, watch):
            yield b"".join(lines)
        while not watch.closed and (now := loop.time()) < end:
            if lines := await _next(lab_id, watch, news, run):
                yield b"".join(lines)
                continue
            if now - marked >= BOOKMARK_EVERY:
                marked = now
                watch.feed((), news.heard)
                yield watch.bookmark() if watch.wants_bookmarks else b""
            await news.changed(max(0.0, min(end, marked + BOOKMARK_EVERY) - now))
        watch.feed((), news.heard)
    if last := watch.end():
        yield b"".join(last)


async def _next(lab_id: int, watch: Watch, news: Subscription, run: Run) -> list[bytes]:
    """Return the next events; none when there is nothing to tell now."""
    if news.lab_is_gone:
        return watch.fail(no_such_path())
    if news.behind:
        return await _catch_up(lab_id, watch, news, run)
    lines: list[bytes] = []
    while not lines and (found := news.take()) is not None:
        lines = watch.feed(found.revisions, found.newest, found.lines)
    return lines


async def _catch_up(lab_id: int, watch: Watch, news: Subscription, run: Run) -> list[bytes]:
    """Read the log from where the watch is, a page at a time, until there is something to tell."""
    lines: list[bytes] = []
    while news.behind and not lines and not watch.closed:
        news.catch_up()
        lines, whole = await run(_read_page, lab_id, watch)
        if not whole:
            news.fall_behind()
    return lines


def _begin(lab_id: int, watch: Watch) -> list[bytes]:
    # A store of its own: the server's may be inside another thread's transaction.
    return watch.begin(DjangoStore(lab_id))


def _read_page(lab_id: int, watch: Watch) -> tuple[list[bytes], bool]:
    return watch.catch_up(DjangoStore(lab_id), PAGE)
