"""The worker's loop: whose work is done, and whose is given up."""

from __future__ import annotations

import logging

import pytest

from cluster.models import Visitor
from cluster.persistence import labs
from cluster.persistence.worker_loop import WorkerLoop
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
