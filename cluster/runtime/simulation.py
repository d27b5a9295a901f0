"""One simulated cluster: store, API server, control plane, nodes, network, terminals, on one clock.

Built either fresh (`create`) or from what a store holds (`Simulation(...)` then `resume`). Nothing
here keeps anything that is not in the store or the state book.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cluster.apiserver.client import Client
from cluster.apiserver.launch import STATE_KEY, Launch
from cluster.apiserver.request import ADMIN, User
from cluster.machinery.clock import ManualClock
from cluster.runtime import launching, presets
from cluster.runtime.assembly import Parts, assemble
from cluster.runtime.schedule import Schedule
from cluster.runtime.settings import LabSettings
from cluster.runtime.view import LabView, News
from cluster.store.interface import Revision
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState
from cluster.terminal import journal

# A cluster in which nothing is due for this long has settled: shorter than any heartbeat, longer
# than the gaps in a rollout.
QUIET = 5.0
SESSION = "t1"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one command line did: its two outputs and its exit code."""

    stdout: str
    stderr: str
    code: int


class Simulation:
    """A lab that runs. `store` and `state` are its whole memory; `clock` its present."""

    def __init__(self, settings: LabSettings, store: MemoryStore, state: MemoryState, clock: ManualClock):
        self.settings = settings
        self.store = store
        self.state = state
        self.clock = clock
        self.parts: Parts = assemble(settings, store, state, clock)
        self.server = self.parts.server
        self.containers = self.parts.kubelets
        self.network = self.parts.network
        self.terminals = self.parts.terminals
        self.recorder = self.parts.recorder
        self.schedule = Schedule(clock, self.parts.components, self._arrivals)
        self._delivered = store.revision
        self._marked = store.revision

    @classmethod
    def create(cls, settings: LabSettings) -> Simulation:
        """Return a new cluster, installed and at rest."""
        lab = cls(settings, MemoryStore(), MemoryState(), ManualClock(settings.start - presets.WARM))
        presets.install(lab.parts, settings)
        lab._begin()
        lab.run_until(settings.start)
        lab.mark()
        lab._remember_requests()
        return lab

    def resume(self) -> None:
        """Begin, or go on where another worker stopped."""
        self._begin()
        self._remember_requests()

    def _begin(self) -> None:
        self.server.start(Launch.of(self.state.get(STATE_KEY)))
        self.schedule.resume()
        self._watch_components()

    def _remember_requests(self) -> None:
        """From now on: what an installation asks is nobody's question."""
        self.server.witnesses.append(self.recorder)
        self.server.wants_changes = self.recorder.wants_changes

    def _arrivals(self) -> Sequence[Revision]:
        if self._delivered == self.store.revision:
            return ()
        fresh = list(self.store.since(self._delivered))
        self._delivered = self.store.revision
        if any(revision.resource == "pods" and revision.namespace == "kube-system" for revision in fresh):
            self._watch_components()
        return fresh

    def _watch_components(self) -> None:
        """A component runs while its static pod does: take its manifest away and it stands still.

        Without an API server all that speak to it stand still.
        """
        self._follow_launch()
        deaf = () if self.server.launch.serving else presets.STATIC.values()
        self.schedule.stop_only(presets.stopped_components(self.store, self.state).union(deaf))

    def _follow_launch(self) -> None:
        running = launching.observed(self.state)
        if running != self.state.get(STATE_KEY):
            self.state.put(STATE_KEY, running)
            self.server.start(Launch.of(running))

    def client(self, user: User = ADMIN, *, cause: str = "") -> Client:
        return Client(self.server, user, cause=cause)

    def next_due(self) -> float | None:
        return self.schedule.next_due()

    def run_until(self, moment: float, pause: Callable[[], bool] = lambda: False) -> bool:
        """Do what is due up to `moment`; False when `pause` asked to stop first."""
        self._watch_components()
        return self.schedule.run_until(moment, pause)

    def advance(self, seconds: float) -> None:
        """Let so much virtual time pass."""
        self.run_until(self.clock.now() + seconds)

    def settle(self, limit: float = 600.0) -> bool:
        """Advance until nothing but heartbeats happens; False when `limit` virtual seconds were not enough."""
        end = self.clock.now() + limit
        while self.clock.now() < end:
            before = presets.last_meaningful(self.store)
            self.advance(QUIET)
            if presets.last_meaningful(self.store) == before:
                return True
        return False

    def run(self, line: str, session: str = SESSION) -> Outcome:
        """Run one line in the learner's terminal to its end, in virtual time."""
        job = self.terminals.begin_line(session, line)
        self.advance(0)
        while (code := self.terminals.line_code(job)) is None:
            due = self.next_due()
            self.run_until(self.clock.now() if due is None else max(due, self.clock.now()))
        stdout, stderr = self.terminals.end_line(job)
        return Outcome(stdout.decode(errors="replace"), stderr.decode(errors="replace"), code)

    def write_files(self, files: Mapping[str, str]) -> None:
        """Lay files into the learner's home."""
        self.terminals.write_files(files)

    def mark(self) -> None:
        """Begin a new stretch of news (see `news`)."""
        self._marked = self.store.revision

    def news(self) -> Sequence[Revision]:
        """Return the revisions since the last call, or since `mark`."""
        fresh = list(self.store.since(self._marked))
        self._marked = self.store.revision
        return fresh

    def view(self, commands_after: int = 0, requests_after: int = 0) -> LabView:
        """Return the reading side that checks and pages use; it knows the terminal lines and the requests after
        those numbers."""
        news = News(self.recorder, commands_after, requests_after)
        return LabView(self.parts.learner, self.containers, self.network, self.terminals, news)

    def commands_run(self) -> int:
        """Return how many terminal lines have ended in this lab."""
        return journal.last(self.state)

    def fork(self) -> Simulation:
        """Return a copy that goes its own way from here: what would happen if."""
        twin = Simulation(self.settings, copy_store(self.store), copy_state(self.state), ManualClock(self.clock.now()))
        twin.recorder.serial = self.recorder.serial
        twin.resume()
        return twin


def copy_store(store: MemoryStore) -> MemoryStore:
    """Return a store with the same present; objects are shared, since nobody changes them in place."""
    twin = MemoryStore()
    twin.load({resource: store.list(resource) for resource in store.resources()}, store.revision)
    return twin


def copy_state(state: MemoryState) -> MemoryState:
    return MemoryState({key: copy.deepcopy(state.get(key)) for key in state.keys("")})
