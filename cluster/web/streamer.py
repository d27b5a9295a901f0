"""One projection of each watched lab per process, shared by all who look, at a bounded pace.

A `Glass` follows a lab's log while anybody looks: it projects each revision into the views that
are open, gathers what changed for at least `PACE`, and hands the same frames to everybody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from cluster.models import Lab
from cluster.persistence.announce import BELL
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.replica import clock_of
from cluster.store.interface import Compacted, Revision
from cluster.topology.captions import Caption
from cluster.topology.project import Projection
from cluster.topology.story import Storyteller
from cluster.topology.views import VIEWS

Frame = dict[str, Any]
PACE = 0.05
HISTORY = 60
BOOKKEEPING = frozenset({"leases.coordination.k8s.io"})


@dataclass(eq=False)
class Viewer:
    """One open page: its language, its view, and where its frames go."""

    language: str
    show: Callable[[Frame], None]
    view: str = ""


@dataclass
class News:
    """What one reading of the log found."""

    revision: int
    patches: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[Revision, Caption | None]] = field(default_factory=list)


class Glass:
    """One lab behind glass."""

    def __init__(self, lab_id: int, threads: ThreadPoolExecutor):
        self.lab_id = lab_id
        self.viewers: set[Viewer] = set()
        self._threads = threads
        self._projections: dict[str, Projection] = {}
        self._story: Storyteller | None = None
        self._cursor = -1
        self._clock: tuple[Any, ...] = ()
        self._lesson: tuple[Any, ...] = ()
        self._requests = 0
        self._turn = asyncio.Lock()

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def open(self, viewer: Viewer, view: str) -> None:
        """Show `view` to the viewer: the whole graph, the recent history, the clock."""
        async with self._turn:
            if self._cursor < 0:
                await self._in_thread(self._begin)
            self._tell(await self._in_thread(self._read))
            graph = await self._in_thread(self._graph, view)
            viewer.view = view
            self.viewers.add(viewer)
            viewer.show({"type": "graph.snapshot", "revision": self._cursor, "graph": graph})
            viewer.show({"type": "timeline", "entries": await self._in_thread(self._history, viewer.language)})
            viewer.show(clock_frame(await self._in_thread(self._lab)))

    async def follow(self) -> None:
        """Run while anybody looks."""
        with BELL.listening(self.lab_id) as bell:
            while self.viewers:
                await bell.changed()
                async with self._turn:
                    self._tell(await self._in_thread(self._read))
                    self._tell_clock(await self._in_thread(self._lab))
                    self._tell_requests(await self._in_thread(self._last_request))
                    self._tell_lesson(await self._in_thread(self._lesson_state))
                await asyncio.sleep(PACE)

    def _begin(self) -> None:
        store = DjangoStore(self.lab_id)
        self._cursor = store.revision
        self._story = Storyteller(store)
        self._projections.clear()

    def _graph(self, view: str) -> dict[str, Any]:
        projection = self._projections.get(view)
        if projection is None:
            projection = self._projections[view] = Projection(DjangoStore(self.lab_id), view)
        return projection.graph.data()

    def _read(self) -> News:
        try:
            revisions = list(DjangoStore(self.lab_id).since(self._cursor))
        except Compacted:
            self._begin()
            return News(self._cursor)
        news = News(self._cursor)
        for revision in revisions:
            for projection in self._projections.values():
                if revision.number > projection.revision:
                    projection.observe(revision)
            if revision.resource not in BOOKKEEPING:
                news.told.append((revision, self._story.tell(revision) if self._story else None))
        if revisions:
            self._cursor = news.revision = revisions[-1].number
        taken = {view: projection.take_patch() for view, projection in self._projections.items()}
        news.patches = {view: patch for view, patch in taken.items() if patch}
        return news

    def _tell(self, news: News) -> None:
        for viewer in self.viewers:
            captions = [
                caption.data(revision.number, viewer.language) for revision, caption in news.told if caption is not None
            ]
            patch = news.patches.get(viewer.view)
            if patch or captions:
                empty = {"groups": [], "nodes": [], "edges": []}
                changed = patch or {"upsert": empty, "remove": empty}
                viewer.show({"type": "graph.patch", "revision": news.revision, **changed, "captions": captions})
            if news.told:
                viewer.show({"type": "timeline", "entries": _entries(news.told, viewer.language)})

    def _history(self, language: str) -> list[Frame]:
        first = max(0, self._cursor - 3 * HISTORY)
        store = DjangoStore(self.lab_id)
        recent = [one for one in store.since(max(first, store.oldest)) if one.resource not in BOOKKEEPING]
        return _entries([(one, None) for one in recent[-HISTORY:]], language)

    def _lab(self) -> Lab | None:
        lab = Lab.objects.filter(pk=self.lab_id).first()
        if lab is not None and time.time() - lab.watched_at > 30:
            Lab.objects.filter(pk=self.lab_id).update(watched_at=time.time())
        return lab

    def _tell_clock(self, lab: Lab | None) -> None:
        if lab is None:
            for viewer in self.viewers:
                viewer.show({"type": "error", "message": "this lab has been deleted"})
            return
        clock = (lab.virtual_base, lab.wall_base, lab.speed, lab.paused, lab.jump_to, lab.next_due, lab.broken)
        if clock != self._clock:
            self._clock = clock
            for viewer in self.viewers:
                viewer.show(clock_frame(lab))
                if lab.broken:
                    viewer.show({"type": "error", "message": f"the lab broke: {lab.broken}"})

    def _last_request(self) -> int:
        return Lab.objects.filter(pk=self.lab_id).values_list("requests", flat=True).first() or 0

    def _tell_requests(self, last: int) -> None:
        """Let the pages that list requests fetch them anew."""
        if last != self._requests:
            self._requests = last
            for viewer in self.viewers:
                viewer.show({"type": "requests", "last": last})

    def _lesson_state(self) -> tuple[Any, ...]:
        """Return what the lesson panel depends on; the course, if there is one, hangs its attempt on the lab."""
        lab = Lab.objects.filter(pk=self.lab_id).first()
        attempt = getattr(lab, "attempt", None)
        return (attempt.step, attempt.passed, str(attempt.ticks)) if attempt is not None else ()

    def _tell_lesson(self, state: tuple[Any, ...]) -> None:
        """Let the pages fetch the panel anew."""
        if state != self._lesson:
            self._lesson = state
            for viewer in self.viewers:
                viewer.show({"type": "lesson", "step": state[0], "passed": state[1]})


def clock_frame(lab: Lab | None) -> Frame:
    if lab is None:
        return {"type": "error", "message": "this lab has been deleted"}
    now = clock_of(lab).at(time.time())
    return {"type": "clock", "now": now, "speed": lab.speed, "paused": lab.paused, "next_due": lab.next_due}


def _entries(told: Sequence[tuple[Revision, Caption | None]], language: str) -> list[Frame]:
    return [
        {
            "revision": one.number,
            "verb": one.verb,
            "resource": one.resource,
            "namespace": one.namespace,
            "name": one.name,
            "actor": one.actor,
            "cause": one.cause,
            "time": one.time,
            "text": caption.text(language) if caption is not None else "",
        }
        for one, caption in told
    ]


class Streamer:
    """All glasses of this process."""

    def __init__(self) -> None:
        self._glasses: dict[int, Glass] = {}
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="glass")

    async def open(self, lab_id: int, viewer: Viewer, view: str) -> None:
        """Begin or change what a viewer sees."""
        if view not in VIEWS:
            raise ValueError(f"there is no view {view!r}")
        glass = self._glasses.get(lab_id)
        if glass is None:
            glass = self._glasses[lab_id] = Glass(lab_id, self._threads)
        first = not glass.viewers
        await glass.open(viewer, view)
        if first:
            BELL.start(self._follow(glass))

    async def _follow(self, glass: Glass) -> None:
        try:
            await glass.follow()
        finally:
            if self._glasses.get(glass.lab_id) is glass:
                del self._glasses[glass.lab_id]

    def close(self, lab_id: int, viewer: Viewer) -> None:
        glass = self._glasses.get(lab_id)
        if glass is not None:
            glass.viewers.discard(viewer)


STREAMER = Streamer()
