"""The worker's loop: whose work is done, and whose is given up."""

from __future__ import annotations

import logging
import time

import pytest

from cluster.models import Visitor
from cluster.persistence import labs
from cluster.persistence.replica import Slice
from cluster.persistence.worker_loop import GATHER, REST, WorkerLoop, _rested
from cluster.runtime.simulation import Simulation
from tests.persistence.outlet import Silent

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_call_that_fails_is_given_up_alone(caplog: pytest.LogCaptureFixture) -> None:
    lab = labs.create(Visitor.objects.create(), "one", nodes=0, seed=1, instant=True)
    loop, done = WorkerLoop(Silent()), []

    def breaks(simulation: Simulation) -> None:
        raise KeyError("containers")

    loop.post(lab.pk, breaks, lambda simulation: done.append(simulation.store.revision))
    with caplog.at_level(logging.CRITICAL):
        for _ in range(3):
            loop._turn()
    lab.refresh_from_db()
    assert len(done) == 1
    assert lab.broken == ""


def test_a_lab_rests_between_slices_unless_it_lags_or_somebody_has_work_for_it() -> None:
    lab = labs.create(Visitor.objects.create(), "one", nodes=0, seed=1, instant=True)
    loop, done = WorkerLoop(Silent()), []
    now = time.time()
    assert (_rested(Slice(1, True, True, now)) or 0) >= now + REST
    assert now < (_rested(Slice(1, True, False, now)) or 0) < now + REST
    assert _rested(Slice(1, True, True, now + 60)) == now + 60
    for number in range(3):
        loop.post(lab.pk, lambda simulation, number=number: done.append(number))
        loop._turn()
    assert done == [0, 1, 2]


def test_of_a_stream_of_writes_only_the_first_wakes_the_worker_at_once() -> None:
    lab = labs.create(Visitor.objects.create(), "one", nodes=0, seed=1, instant=True)
    loop = WorkerLoop(Silent())
    loop.wake(lab.pk)
    loop._turn()
    ran = loop._labs[lab.pk].ran
    loop.wake(lab.pk)
    loop._take_posted()
    assert loop._labs[lab.pk].again == pytest.approx(ran + GATHER)
    loop.post(lab.pk, lambda simulation: None)
    loop._take_posted()
    assert loop._labs[lab.pk].again == 0.0
