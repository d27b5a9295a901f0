"""One lab in a worker's memory: loaded from the database, kept in step with it, run by slices.

A slice holds the lab's lock from reading what others wrote to committing its own batch, so that
nobody's write is decided on stale state. Whatever fails inside a slice leaves the database as it
was; the replica is then thrown away and loaded again.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.gates.rings import COMPONENTS, PEOPLE, REFUSED
from cluster.machinery.clock import ManualClock
from cluster.models import Lab, State
from cluster.models.text import loads
from cluster.persistence import audit, requests
from cluster.persistence.batch import append_revisions, save_state
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.locks import lab_lock, write_transaction
from cluster.persistence.sharing import SHELF
from cluster.persistence.tokens import issuer
from cluster.persistence.wallclock import CATCH_UP, LAG, ClockState
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState

LEASE = 30.0
LIVED_AFTER_SLEEP = 60.0  # of a long absence, only the last minute is lived through
CALM, RUSH = 0.5, 5.0  # seconds between two savings of what components asked: at rest, and while they go on
KEPT = 5000  # revisions a replica remembers for watches in its terminals
Work = Callable[[Simulation], None]


def _nothing(simulation: Simulation) -> None:
    """Default of `harvest`."""


class Elsewhere(Exception):
    """Another worker, `holder`, has the lab's lease until `until` (wall time)."""

    def __init__(self, holder: str, until: float):
        super().__init__(f"leased by {holder} until {until}")
        self.holder = holder
        self.until = until


class Gone(Exception):
    """The lab has been deleted."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice did: the lab's newest revision, whether it wrote, whether the clock is caught up with,
    and when to come back (wall time)."""

    revision: int
    wrote: bool
    done: bool
    again: float | None


def clock_of(lab: Lab) -> ClockState:
    return ClockState(lab.virtual_base, lab.wall_base, lab.speed, lab.paused, lab.reached, lab.jump_to)


def settings_of(lab: Lab) -> LabSettings:
    return LabSettings(**loads(lab.settings))


class Replica:
    """One lab as worker `holder` runs it. `takes_over`: it does not wait for another's lease to end.

    Safe, since a holder looks at the lease inside the lab's lock before each slice.
    """

    def __init__(self, lab_id: int, holder: str, *, takes_over: bool = False):
        self.lab_id = lab_id
        self.holder = holder
        self._takes_over = takes_over
        self._batch = -1
        self._next_due: float | None = None
        self._kept_at = 0.0
        self._audited = 0
        self.simulation: Simulation | None = None

    def run(self, work: Sequence[Work] = (), budget: float = 0.025, harvest: Work = _nothing) -> Slice:
        """Run one slice: do `work`, let at most `budget` seconds of simulation pass, `harvest`, commit.

        Everything becomes durable, or nothing.
        """
        try:
            with lab_lock(self.lab_id):
                lab = self._claim()
                simulation = self._current(lab)
                for one in work:
                    one(simulation)
                done = self._advance(lab, simulation, budget)
                harvest(simulation)
                return self._commit(lab, simulation, done)
        except BaseException:
            self.simulation = None
            raise

    def has_seen(self, revision: int, batch: int) -> bool:
        """Say whether what the lab's row tells is this replica's own last commit."""
        return self.simulation is None or (self.simulation.store.revision == revision and self._batch == batch)

    def _claim(self) -> Lab:
        lab = Lab.objects.filter(pk=self.lab_id).first()
        if lab is None:
            raise Gone
        if lab.lease_holder != self.holder and lab.lease_until > time.time() and not self._takes_over:
            raise Elsewhere(lab.lease_holder, lab.lease_until)
        return lab

    def _current(self, lab: Lab) -> Simulation:
        if self.simulation is None or lab.batch != self._batch:
            self.simulation = self._load(lab)
        elif lab.revision > self.simulation.store.revision:
            own = self.simulation.store
            own.absorb(list(DjangoStore(self.lab_id).since(own.revision)))
        recorder = self.simulation.recorder
        recorder.serial = max(recorder.serial, lab.requests)
        self._audited = audit.take(self.lab_id, self.simulation.server)
        return self.simulation

    def _load(self, lab: Lab) -> Simulation:
        with _no_collection():
            store, state = MemoryStore(), MemoryState()
            objects = DjangoStore(self.lab_id).objects()
            store.load({key: SHELF.all_shared(found) for key, found in objects.items()}, lab.revision)
            rows = State.objects.filter(lab_id=self.lab_id).values_list("key", "value")
            state.load({key: loads(value) for key, value in rows})
            settings = settings_of(lab)
            clock = ManualClock(max(lab.reached, settings.start))
            simulation = Simulation(settings, store, state, clock)
            simulation.server.tokens = issuer(settings, lab.slug, lab.token)
            simulation.recorder.archive = requests.DjangoArchive(self.lab_id)
            simulation.resume()
        self._batch, self._next_due = lab.batch, lab.next_due
        return simulation

    def _advance(self, lab: Lab, simulation: Simulation, budget: float) -> bool:
        target = clock_of(lab).target(time.time())
        if lab.jump_to is None and target - simulation.clock.now() > CATCH_UP * max(1.0, lab.speed):
            simulation.clock.move_to(target - LIVED_AFTER_SLEEP)
        end = time.perf_counter() + budget
        return bool(simulation.run_until(target, lambda: time.perf_counter() > end))

    def _commit(self, lab: Lab, simulation: Simulation, done: bool) -> Slice:
        revisions, changes = simulation.store.drain(), simulation.state.drain()
        due, wall = simulation.next_due(), time.time()
        clock = self._settle(replace(clock_of(lab), reached=simulation.clock.now()), done, wall)
        asked = self._requests(simulation.recorder, done, wall)
        wrote = bool(revisions or changes.saved or changes.dropped or asked)
        unsaved = wrote or simulation.recorder.serial != lab.requests
        renew = lab.lease_holder != self.holder or lab.lease_until < wall + LEASE / 2
        if unsaved or renew or due != self._next_due or clock.jump_to != lab.jump_to:
            with write_transaction():
                append_revisions(self.lab_id, revisions)
                save_state(self.lab_id, changes)
                requests.append(self.lab_id, asked)
                audit.forget(self.lab_id, self._audited)
                self._save(simulation, clock, due, wall)
            self._batch, self._next_due = self._batch + 1, due
        _forget_old(simulation)
        again = wall if not done else (clock.wall_of(due, wall) if due is not None else None)
        if done and simulation.recorder.waits((COMPONENTS,)):
            again = min(self._kept_at + CALM, again if again is not None else math.inf)
        return Slice(simulation.store.revision, wrote, done, again)

    def _requests(self, recorder: Recorder, done: bool, wall: float) -> list[Entry]:
        """Return the requests to save: of components in a rush only now and then, as most are forgotten at once."""
        if wall < self._kept_at + (CALM if done else RUSH):
            return recorder.drain((PEOPLE, REFUSED))
        self._kept_at = wall
        return recorder.drain()

    def _save(self, simulation: Simulation, clock: ClockState, due: float | None, wall: float) -> None:
        Lab.objects.filter(pk=self.lab_id).update(
            revision=simulation.store.revision,
            requests=simulation.recorder.serial,
            batch=self._batch + 1,
            reached=clock.reached,
            virtual_base=clock.virtual_base,
            wall_base=clock.wall_base,
            jump_to=clock.jump_to,
            next_due=due,
            lease_holder=self.holder,
            lease_until=wall + LEASE,
            broken="",
        )

    def _settle(self, clock: ClockState, done: bool, wall: float) -> ClockState:
        """Return the clock after a slice: landed if it had jumped, held back if it ran too far ahead."""
        if done:
            return clock.landed(wall) if clock.jump_to is not None else clock
        ahead = clock.at(wall) - clock.reached
        if clock.jump_to is None and clock.speed > 1 and ahead > LAG * clock.speed:
            return clock.rebased(clock.reached, wall)
        return clock

    def release(self) -> None:
        """Give the lease back, so that another worker need not wait for its end."""
        self.simulation = None
        Lab.objects.filter(pk=self.lab_id, lease_holder=self.holder).update(lease_until=0.0)


def _forget_old(simulation: Simulation) -> None:
    """Keep the replica's log short: the database has all of it."""
    store = simulation.store
    if store.revision - store.oldest > 2 * KEPT:
        simulation.mark()
        store.compact(store.revision - KEPT)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector away while thousands of objects are loaded, which it would triple."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
