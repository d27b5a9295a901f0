"""Plays a lesson through on a cluster in memory.

For every step: where it starts, its checks fail; after its near miss they still fail; after its
solution they pass, within the step's `wait` of virtual time. The learner of the proof types the
same lines into the same terminal as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from lessons.catalog.lesson import Lesson, Step
from lessons.progress.judge import Judgement, Memory, judge
from lessons.proof.agreement import disagreements

# How far the clock runs between two looks, in virtual seconds: checks see what a page would show.
LOOK = 1.0


def prepare(lesson: Lesson, seed: int = 1) -> Simulation:
    """Return a lab as the lesson begins it."""
    lab = Simulation.create(LabSettings(seed=seed, workers=lesson.workers))
    lab.write_files(lesson.files)
    play(lab, lesson.setup)
    lab.settle()
    return lab


def play(lab: Simulation, lines: Sequence[str]) -> None:
    """Run lines one after the other in the learner's terminal."""
    for line in lines:
        lab.run(line)


def faults(lesson: Lesson) -> Iterator[str]:
    """Yield why the lesson is not proved; nothing when it is."""
    yield from disagreements(lesson)
    lab = prepare(lesson)
    for step in lesson.steps:
        begin(lab, step)
        yield from (f"{step.id}: {fault}" for fault in _step_faults(lab, step))


def begin(lab: Simulation, step: Step) -> None:
    """Bring the lab to where the step starts."""
    play(lab, step.setup)
    lab.settle()
    lab.mark()


def _step_faults(lab: Simulation, step: Step) -> Iterator[str]:
    if _reached(lab.fork(), step, (), 30.0).passed:
        yield "its starting state already passes"
    if step.near_miss and _reached(lab.fork(), step, step.near_miss, min(step.wait, 120.0)).passed:
        yield "its near miss passes"
    judgement = _reached(lab, step, step.solution, step.wait)
    if not judgement.passed:
        yield f"its solution does not pass: {[name for name, tick in judgement.ticks.items() if not tick]} fail"


def _reached(lab: Simulation, step: Step, lines: Sequence[str], wait: float) -> Judgement:
    """Play the lines and look until the step passes or `wait` virtual seconds are over."""
    look = Looker(lab, step)
    judgement = look()
    for line in lines:
        lab.run(line)
        judgement = look()
    waited = 0.0
    while not judgement.passed and waited < wait:
        lab.advance(LOOK)
        waited += LOOK
        judgement = look()
    return judgement


class Looker:
    """Judges a step again and again, each time on what is new."""

    def __init__(self, lab: Simulation, step: Step):
        self._lab = lab
        self._step = step
        self._memory = Memory()
        self._commands = lab.commands_run()
        self._requests = lab.recorder.serial
        lab.mark()

    def __call__(self) -> Judgement:
        view = self._lab.view(self._commands, self._requests)
        self._commands, self._requests = view.commands_seen, view.requests_seen
        return judge(self._step, self._memory, view, self._lab.news())
