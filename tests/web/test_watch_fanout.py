"""Many watches of one lab: read once, told to all, in order, and nothing lost or doubled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from cluster.apiserver.http import HttpApi
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.meta import Object
from cluster.models import Lab, Visitor
from cluster.persistence import labs
from cluster.persistence.announce import BELL
from cluster.persistence.django_store import DjangoStore
from cluster.web import fanout, gate
from cluster.web.fanout import Fanouts
from cluster.web.watching import watch_lines


class Scene:
    """One lab, one thread that touches the database, and the watches on it."""

    def __init__(self, thread: ThreadPoolExecutor, lab_id: int, slug: str):
        self.thread = thread
        self.lab_id = lab_id
        self.slug = slug
        self.fanouts = Fanouts(thread)
        self.queries: list[str] = []
        self.readers: list[Reader] = []
        self._api: HttpApi | None = None

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work, *arguments)

    async def write(self, name: str, **labels: str) -> int:
        """Create or change a ConfigMap; return its revision."""
        return await self.run(self._put, name, labels)

    def _put(self, name: str, labels: dict[str, str]) -> int:
        store = DjangoStore(self.lab_id, lambda number: BELL.ring(self.lab_id, wake_worker=False))
        metadata = {"name": name, "namespace": "default", "uid": f"uid-{name}", "labels": labels}
        obj: Object = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata}
        return store.put("configmaps", obj, actor="ada", cause="", time=1.0).number

    async def watch(self, query: str = "", accept: str = "") -> Reader:
        """Open a watch; it has begun when this returns."""
        watch = await self.run(self._open, query, accept)
        reader = Reader(watch, watch_lines(self.lab_id, watch, self.run, self.fanouts))
        self.readers.append(reader)
        assert await anext(reader.chunks) == b""
        return reader

    def _open(self, query: str, accept: str) -> Watch:
        if self._api is None:
            self._api = gate.build_api(gate.find(self.slug), OpenApi())
        answer = self._api.handle(
            HttpRequest("GET", "/api/v1/configmaps", f"watch=1{query}", [("accept", accept)]), ADMIN
        )
        assert isinstance(answer, Watch)
        return answer

    def count(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.queries.append(sql)
        return execute(sql, *rest)

    def of_writing(self) -> list[str]:
        """Return what the writer asked, from its transaction's beginning to its end."""
        marks = [at for at, sql in enumerate(self.queries) if "INSERT INTO cluster_revision" in sql or "UPDATE" in sql]
        first = next(at for at, sql in enumerate(self.queries) if "SELECT revision, oldest" in sql)
        return self.queries[first : marks[-1] + 1]

    def reading(self) -> list[str]:
        """Return the questions asked for the watches since the last time."""
        found, self.queries = [sql for sql in self.queries if "LEFT JOIN cluster_revision r" in sql], []
        return found


class Reader:
    """One client that reads its watch."""

    def __init__(self, watch: Watch, chunks: AsyncGenerator[bytes]):
        self.watch = watch
        self.chunks = chunks
        self._lines: list[Any] = []

    async def event(self) -> tuple[str, Any]:
        while not self._lines:
            async with asyncio.timeout(10):
                self._lines = [json.loads(line) for line in (await anext(self.chunks)).splitlines()]
        event = self._lines.pop(0)
        return event["type"], event["object"]

    async def names(self, count: int) -> list[str]:
        found = [await self.event() for _ in range(count)]
        return [obj["metadata"]["name"] for _, obj in found]

    async def rest(self) -> list[Any]:
        return [json.loads(line) async for chunk in self.chunks for line in chunk.splitlines()]


Story = Callable[[Scene], Awaitable[None]]


@pytest.fixture
def play(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Story], None]]:
    monkeypatch.setattr(fanout, "PACE", 0.001)
    thread = ThreadPoolExecutor(1)
    lab = labs.create(Visitor.objects.create(), "one", nodes=0, seed=1, instant=True)
    scene = Scene(thread, lab.pk, lab.slug)

    async def run(story: Story) -> None:
        BELL.bind(asyncio.get_running_loop())
        with_counting = await scene.run(lambda: connection.execute_wrapper(scene.count))
        await scene.run(with_counting.__enter__)
        try:
            await story(scene)
        finally:
            await asyncio.gather(*(reader.chunks.aclose() for reader in scene.readers), return_exceptions=True)

    yield lambda story: asyncio.run(run(story))
    thread.submit(connections.close_all).result()
    thread.shutdown()


def test_a_write_reaches_two_hundred_watches_by_one_question(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watches = [await scene.watch(f"&resourceVersion={newest}") for _ in range(200)]
        hearing = [asyncio.ensure_future(watch.names(1)) for watch in watches]
        await asyncio.sleep(0.1)
        scene.queries.clear()
        await scene.write("news")
        assert await asyncio.gather(*hearing) == [["news"]] * 200
        # One question found it; a bell that rang before may have asked in vain, and so does the look now and then.
        assert 1 <= len(scene.queries) - len(scene.of_writing()) <= 4

    play(story)


def test_all_hear_everything_in_order_and_once(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watches = [await scene.watch(f"&resourceVersion={newest}") for _ in range(10)]
        hearing = [asyncio.ensure_future(watch.names(40)) for watch in watches]
        for number in range(40):
            await scene.write(f"map-{number}")
        assert await asyncio.gather(*hearing) == [[f"map-{number}" for number in range(40)]] * 10

    play(story)


def test_each_event_is_encoded_once_per_form(play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    real = Watch._told
    monkeypatch.setattr(Watch, "_told", lambda self, verb, revision: told.append(verb) or real(self, verb, revision))

    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        table = "application/json;as=Table;v=v1;g=meta.k8s.io"
        watches = [await scene.watch(f"&resourceVersion={newest}", accept) for accept in ["", table] * 20]
        hearing = [asyncio.ensure_future(watch.event()) for watch in watches]
        await asyncio.sleep(0.05)
        told.clear()
        await scene.write("news")
        kinds = [obj["kind"] for _, obj in await asyncio.gather(*hearing)]
        assert kinds == ["ConfigMap", "Table"] * 20
        assert len(told) == 2

    play(story)


def test_each_watch_has_its_own_selector(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("web", app="web")
        inside = await scene.watch(f"&resourceVersion={newest}&labelSelector=app%3Dweb")
        named = await scene.watch(f"&resourceVersion={newest}&fieldSelector=metadata.name%3Dother")
        await scene.write("web", app="api")
        await scene.write("other")
        await scene.write("web", app="web")
        assert [(await inside.event())[0] for _ in range(2)] == ["DELETED", "ADDED"]
        assert await named.names(1) == ["other"]

    play(story)


def test_a_slow_reader_keeps_a_bounded_backlog_and_misses_nothing(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "BACKLOG", 5)

    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        slow, quick = [await scene.watch(f"&resourceVersion={newest}") for _ in range(2)]
        await scene.write("map-0")
        assert await slow.names(1) == await quick.names(1) == ["map-0"]
        for number in range(1, 30):
            await scene.write(f"map-{number}")
            assert await quick.names(1) == [f"map-{number}"]
        (fan,) = scene.fanouts._open.values()
        assert all(one._size <= 30 and len(one._waiting) <= 5 for one in fan._subscriptions["configmaps"])
        assert await slow.names(29) == [f"map-{number}" for number in range(1, 30)]
        await scene.write("last")
        assert await slow.names(1) == await quick.names(1) == ["last"]

    play(story)


def test_who_missed_what_is_compacted_is_told_so_and_the_others_go_on(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "BACKLOG", 2)

    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        slow, quick = [await scene.watch(f"&resourceVersion={newest}") for _ in range(2)]
        await scene.write("map-0")
        assert await slow.names(1) == await quick.names(1) == ["map-0"]
        for number in range(1, 6):
            newest = await scene.write(f"map-{number}")
            assert await quick.names(1) == [f"map-{number}"]
        await scene.run(lambda: DjangoStore(scene.lab_id).compact(newest))
        verb, status = await slow.event()
        assert (verb, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
        assert await slow.rest() == []
        await scene.write("last")
        assert await quick.names(1) == ["last"]

    play(story)


def test_a_watch_from_long_ago_is_read_page_by_page(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.web.watching.PAGE", 3)

    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        for number in range(10):
            await scene.write(f"map-{number}")
        late = await scene.watch(f"&resourceVersion={newest}")
        chunk = await anext(late.chunks)
        assert len(chunk.splitlines()) == 3
        assert await late.names(7) == [f"map-{number}" for number in range(3, 10)]

    play(story)


def test_a_bookmark_at_the_end_names_the_newest_revision_of_any_kind(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watch = await scene.watch(f"&resourceVersion={newest}&allowWatchBookmarks=true&timeoutSeconds=1")
        reading = asyncio.ensure_future(watch.rest())
        await scene.run(
            lambda: DjangoStore(scene.lab_id, lambda number: BELL.ring(scene.lab_id, wake_worker=False)).put(
                "secrets", {"metadata": {"name": "s", "namespace": "default"}}, actor="", cause="", time=1.0
            )
        )
        (mark,) = await reading
        assert mark["type"] == "BOOKMARK" and int(mark["object"]["metadata"]["resourceVersion"]) == newest + 1

    play(story)


def test_a_silent_watch_is_given_a_bookmark_now_and_then(
    play: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cluster.web.watching.BOOKMARK_EVERY", 0.05)

    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watch = await scene.watch(f"&resourceVersion={newest}&allowWatchBookmarks=true")
        verb, obj = await watch.event()
        assert (verb, obj["kind"], obj["metadata"]["resourceVersion"]) == ("BOOKMARK", "ConfigMap", str(newest))

    play(story)


def test_a_deleted_lab_ends_its_watches(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watch = await scene.watch(f"&resourceVersion={newest}")
        reading = asyncio.ensure_future(watch.rest())
        await asyncio.sleep(0.05)
        await scene.run(lambda: Lab.objects.filter(pk=scene.lab_id).delete())
        BELL.ring(scene.lab_id, wake_worker=False)
        (end,) = await reading
        assert (end["type"], end["object"]["code"]) == ("ERROR", 404)

    play(story)


def test_when_the_last_watch_leaves_nobody_reads_on(play: Callable[[Story], None]) -> None:
    async def story(scene: Scene) -> None:
        newest = await scene.write("before")
        watch = await scene.watch(f"&resourceVersion={newest}")
        await scene.write("news")
        assert await watch.names(1) == ["news"]
        await watch.chunks.aclose()
        assert not scene.fanouts._open
        scene.queries.clear()
        await scene.write("unheard")
        await asyncio.sleep(0.05)
        assert scene.reading() == []

    play(story)
