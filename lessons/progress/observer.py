"""Looks at every lab that has a lesson after each slice of its worker, and keeps the check list true.

The worker calls `observe` (by `LAB_OBSERVERS` in the settings); it may hand back work for the lab's
next slice: the set-up of a step the learner has come to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cluster.persistence.announce import BELL
from cluster.persistence.replica import Replica
from cluster.runtime.simulation import Simulation
from lessons.models import Attempt
from lessons.progress import attempts
from lessons.progress.judge import Memory, judge

Work = Callable[[Simulation], None]


def observe(replica: Replica) -> Sequence[Work]:
    """Judge the lab's present step once; return work for its next slice."""
    attempt = Attempt.objects.select_related("lab").filter(lab_id=replica.lab_id).first()
    simulation = replica.simulation
    if attempt is None or simulation is None:
        return ()
    step = attempts.lesson_of(attempt).step(attempt.step)
    if not attempt.begun:
        Attempt.objects.filter(pk=attempt.pk).update(begun=True)
        return (lambda lab: attempts.begin_step(lab, step),)
    if not attempt.passed:
        _judge(attempt, step, simulation)
    return ()


def _judge(attempt: Attempt, step: attempts.Step, simulation: Simulation) -> None:
    memory = Memory.of(attempt.memory)
    view = simulation.view(attempt.commands_seen, attempt.requests_seen)
    oldest = max(attempt.seen, simulation.store.oldest)
    news = list(simulation.store.since(oldest)) if oldest <= simulation.store.revision else []
    judgement = judge(step, memory, view, news)
    changed = {
        "seen": simulation.store.revision,
        "commands_seen": view.commands_seen,
        "requests_seen": view.requests_seen,
        "memory": memory.data(),
        "ticks": dict(judgement.ticks),
    }
    if any(getattr(attempt, field) != value for field, value in changed.items() if field != "seen") or news:
        Attempt.objects.filter(pk=attempt.pk).update(**changed)
    if judgement.passed:
        attempts.record_pass(attempt)
    if changed["ticks"] != attempt.ticks or judgement.passed:
        BELL.ring(attempt.lab_id, wake_worker=False)
