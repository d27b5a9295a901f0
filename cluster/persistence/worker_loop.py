"""The control plane's engine: runs every lab that is awake, on one thread, in slices.

Labs somebody is typing into come first, then whichever is due longest. The loop sleeps until the
next timer of any lab or a wake-up, and looks into the database twice a second for what no wake-up
told it: labs made, written or put on another clock by other processes.
"""

from __future__ import annotations

import heapq
import logging
import math
import os
import secrets
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from cluster.models import Lab
from cluster.persistence import heartbeat
from cluster.persistence.announce import BELL, LOOK
from cluster.persistence.collector import calm
from cluster.persistence.replica import Elsewhere, Gone, Replica, Slice, Work
from cluster.runtime.simulation import Simulation

logger = logging.getLogger(__name__)

UNWATCHED = 1800.0  # after so long without anybody looking a lab sleeps
BACK_OFF = (1.0, 5.0, 30.0)
# A lab whose programs wake a hundred times a second is committed by the handful; what people do waits for nothing.
REST = 0.04
# Of a stream of writes only the first wakes the worker at once: what each of them costs, the writer would wait for.
GATHER = 0.02
# A lab with much to catch up on lets go of its lock between slices, so that other processes get it, too.
BREATH = 0.003
Observer = Callable[[Replica], Sequence[Work]]
COMMANDS = "cli-"  # how the holders begin that are management commands: gone in a moment


class Outlet(Protocol):
    """What a loop's output goes through. All is called on the loop's thread."""

    def harvest(self, lab_id: int, simulation: Simulation) -> None:
        """Take what sessions have written, inside the slice."""

    def deliver(self, lab_id: int) -> None:
        """Send what was harvested: the slice is committed."""

    def discard(self, lab_id: int) -> None:
        """Forget what was harvested: the slice was rolled back."""

    def forward(self, lab_id: int, work: Sequence[Work], holder: str) -> None:
        """Hand on to the worker that holds the lab."""


@dataclass
class Awake:
    """One lab this worker runs."""

    replica: Replica
    again: float | None = 0.0  # wall time of the next slice, None: only when woken
    work: list[Work] = field(default_factory=list)
    failures: int = 0
    ran: float = 0.0  # wall time of the last slice's end
    clock: tuple[object, ...] = ()


@dataclass
class Trial:
    """Which piece of work runs: one that fails is given up alone, the others are done again without it."""

    running: Work | None = None

    def of(self, work: Sequence[Work]) -> list[Work]:
        return [partial(self._do, one) for one in work]

    def _do(self, one: Work, simulation: Simulation) -> None:
        self.running = one
        one(simulation)
        self.running = None


def worker_id() -> str:
    return f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"


class WorkerLoop:
    """One worker."""

    def __init__(self, outlet: Outlet):
        self.id = worker_id()
        self._outlet = outlet
        self._labs: dict[int, Awake] = {}
        self._posted: dict[int, list[Work]] = defaultdict(list)
        self._guard = threading.Lock()
        self._signal = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._looked = self._beat = 0.0
        self._observers: list[Observer] = []
        self._complaints: set[str] = set()

    def start(self) -> None:
        self._observers = [import_string(path) for path in settings.LAB_OBSERVERS]
        calm()
        self._thread = threading.Thread(target=self._run, name="control-plane", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the running slice and give all leases back."""
        self._stopping = True
        self._signal.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def wake(self, lab_id: int) -> None:
        """Run this lab soon; from any thread."""
        self.post(lab_id)

    def post(self, lab_id: int, *work: Work) -> None:
        """Do `work` inside the lab's next slice; from any thread."""
        with self._guard:
            self._posted[lab_id] += work
        self._signal.set()

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._release()

    def _turn(self) -> None:
        try:
            self._look()
            self._take_posted()
            lab_id = self._choose()
            if lab_id is None:
                self._signal.wait(self._patience())
                self._signal.clear()
            else:
                self._slice(lab_id, self._labs[lab_id])
        except Exception:  # the database may be away for a moment; labs themselves fail in `_slice`
            logger.exception("the control plane's loop stumbled")
            close_old_connections()
            time.sleep(1)

    def _look(self) -> None:
        now = time.time()
        if now - self._beat >= heartbeat.EVERY:
            heartbeat.beat(self.id)
            self._beat = now
        if now - self._looked < LOOK:
            return
        self._looked = now
        watched = set()
        fields = ("revision", "batch", "speed", "paused", "jump_to")
        rows = Lab.objects.filter(watched_at__gt=now - UNWATCHED).values_list("pk", *fields)
        for lab_id, revision, batch, *clock in rows:
            watched.add(lab_id)
            self._notice(lab_id, (revision, batch), tuple(clock))
        for lab_id in set(self._labs) - watched:
            self._put_to_sleep(lab_id)

    def _notice(self, lab_id: int, newest: tuple[int, int], clock: tuple[object, ...]) -> None:
        """Wake a lab that somebody else wrote or whose clock somebody set."""
        lab = self._labs.get(lab_id)
        if lab is None:
            lab = self._labs[lab_id] = Awake(Replica(lab_id, self.id))
        foreign = not lab.replica.has_seen(*newest)
        if (foreign or lab.clock != clock) and not lab.failures:
            lab.again = 0.0
        lab.clock = clock

    def _put_to_sleep(self, lab_id: int) -> None:
        self._labs.pop(lab_id).replica.release()

    def _take_posted(self) -> None:
        with self._guard:
            posted, self._posted = self._posted, defaultdict(list)
        for lab_id, work in posted.items():
            lab = self._labs.get(lab_id)
            if lab is None:
                lab = self._labs[lab_id] = Awake(Replica(lab_id, self.id))
            lab.work += work
            if not lab.failures:
                lab.again = 0.0 if lab.work else min(lab.ran + GATHER, math.inf if lab.again is None else lab.again)

    def _choose(self) -> int | None:
        """Return the lab to run now: one with work first, then the one due longest."""
        now = time.time()
        due = [(not lab.work, lab.again, lab_id) for lab_id, lab in self._labs.items() if _is_due(lab, now)]
        return heapq.nsmallest(1, due)[0][2] if due else None

    def _patience(self) -> float:
        moments = [lab.again for lab in self._labs.values() if lab.again is not None]
        now = time.time()
        return max(0.0, min([self._looked + LOOK, *moments]) - now)

    def _slice(self, lab_id: int, lab: Awake) -> None:
        work, lab.work = lab.work, []
        trial = Trial()
        try:
            done = lab.replica.run(trial.of(work), harvest=partial(self._outlet.harvest, lab_id))
        except Gone:
            del self._labs[lab_id]
        except Elsewhere as elsewhere:
            self._hand_on(lab_id, lab, work, elsewhere)
        except Exception as error:
            self._outlet.discard(lab_id)
            if trial.running is None:
                self._broke(lab_id, lab, error)
            else:
                logger.exception("a call of lab %s failed", lab_id)
                lab.work = [one for one in work if one is not trial.running] + lab.work
                lab.again = 0.0
        else:
            self._went_well(lab_id, lab, done)

    def _hand_on(self, lab_id: int, lab: Awake, work: list[Work], elsewhere: Elsewhere) -> None:
        if elsewhere.holder.startswith(COMMANDS):
            lab.work, lab.again = work + lab.work, time.time() + LOOK / 5
        else:
            self._outlet.forward(lab_id, work, elsewhere.holder)
            lab.again = elsewhere.until

    def _went_well(self, lab_id: int, lab: Awake, done: Slice) -> None:
        lab.failures, lab.again, lab.ran = 0, _rested(done), time.time()
        if done.wrote:
            BELL.ring(lab_id, wake_worker=False)
        self._outlet.deliver(lab_id)
        self._let_observe(lab_id, lab)

    def _let_observe(self, lab_id: int, lab: Awake) -> None:
        """Show the lab to whoever looks at every slice; they may hand back work for the next."""
        for observe in self._observers:
            try:
                if work := observe(lab.replica):
                    self.post(lab_id, *work)
            except Exception as error:  # an observer's trouble is not the lab's; said once, not every slice
                if repr(error) not in self._complaints:
                    self._complaints.add(repr(error))
                    logger.exception("an observer of lab %s stumbled", lab_id)

    def _broke(self, lab_id: int, lab: Awake, error: Exception) -> None:
        """Roll back has happened: say so, forget the replica, come back later."""
        logger.exception("the lab broke: %s", lab_id)
        delay = BACK_OFF[min(lab.failures, len(BACK_OFF) - 1)]
        lab.failures += 1
        lab.again = time.time() + delay
        Lab.objects.filter(pk=lab_id).update(broken=f"{type(error).__name__}: {error}"[:2000])
        BELL.ring(lab_id, wake_worker=False)

    def _release(self) -> None:
        for lab in self._labs.values():
            try:
                lab.replica.release()
            except Exception:  # leaving; the lease runs out by itself
                logger.warning("could not give back the lease of lab %s", lab.replica.lab_id)
        heartbeat.stop(self.id)
        connections.close_all()


def _rested(done: Slice) -> float | None:
    """Return when a lab comes again by itself: at once while it lags behind its clock, else after a rest."""
    if done.again is None:
        return None
    if not done.done:
        return time.time() + BREATH
    return max(done.again, time.time() + REST)


def _is_due(lab: Awake, now: float) -> bool:
    return lab.again is not None and lab.again <= now
