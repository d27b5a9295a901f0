"""What can happen to an attempt: it starts, moves to a step, opens a hint, answers, passes."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from cluster.models import Lab, Visitor
from cluster.persistence import labs
from cluster.runtime.simulation import Simulation
from lessons.catalog.lesson import Lesson, Quiz, Step
from lessons.catalog.loader import lesson as find_lesson
from lessons.models import Answer, Attempt, StepPass


def start(visitor: Visitor, lesson: Lesson) -> Attempt:
    """Make a lab as the lesson begins it, and the attempt in it."""
    lab = labs.create(
        visitor,
        _free_name(visitor, lesson),
        nodes=lesson.workers,
        prepare=lambda simulation: prepare(simulation, lesson),
    )
    seen = {"seen": lab.revision, "requests_seen": lab.requests}
    return Attempt.objects.create(lab=lab, lesson=lesson.id, step=lesson.steps[0].id, **seen)


def prepare(simulation: Simulation, lesson: Lesson) -> None:
    """Bring a fresh lab to where the lesson's first step starts."""
    simulation.write_files(lesson.files)
    for line in (*lesson.setup, *lesson.steps[0].setup):
        simulation.run(line)


def begin_step(simulation: Simulation, step: Step) -> None:
    """Do a later step's set-up, in the lab as the learner has it."""
    for line in step.setup:
        simulation.run(line)


def _free_name(visitor: Visitor, lesson: Lesson) -> str:
    """Return a lab name this visitor has not used: the lesson's, counted up."""
    base = lesson.id.replace("/", "-")
    taken = set(Lab.objects.filter(owner=visitor, name__startswith=base).values_list("name", flat=True))
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


def running(visitor: Visitor, lesson: Lesson) -> Attempt | None:
    """Return the visitor's newest attempt at this lesson whose lab is still there."""
    return Attempt.objects.filter(lab__owner=visitor, lesson=lesson.id).order_by("-started").first()


def lesson_of(attempt: Attempt) -> Lesson:
    return find_lesson(attempt.lesson)


def go_to(attempt: Attempt, step_id: str) -> None:
    """Move to a step; KeyError when the lesson has none of this id."""
    step = lesson_of(attempt).step(step_id)
    Attempt.objects.filter(pk=attempt.pk).update(
        step=step.id,
        begun=not step.setup,
        passed=False,
        memory={},
        ticks={},
        seen=attempt.lab.revision,
        requests_seen=attempt.lab.requests,
    )
    attempt.refresh_from_db()


def open_hint(attempt: Attempt, step: Step) -> None:
    """Show one more hint of the ladder."""
    opened = {**attempt.hints, step.id: min(step.hints, attempt.hints.get(step.id, 0) + 1)}
    Attempt.objects.filter(pk=attempt.pk).update(hints=opened)
    attempt.hints = opened


def answer(attempt: Attempt, quiz: Quiz, option: str) -> Answer:
    """Keep the visitor's answer; the latest counts."""
    found, _ = Answer.objects.update_or_create(
        visitor=attempt.lab.owner,
        lesson=attempt.lesson,
        step=attempt.step,
        quiz=quiz.id,
        defaults={"option": option, "right": option == quiz.answer},
    )
    return found


@transaction.atomic
def record_pass(attempt: Attempt) -> None:
    """Keep that the present step is passed, for good."""
    Attempt.objects.filter(pk=attempt.pk).update(passed=True)
    StepPass.objects.get_or_create(visitor=attempt.lab.owner, lesson=attempt.lesson, step=attempt.step)


def passed_steps(visitor_id: str) -> Mapping[str, set[str]]:
    """Return lesson id → the ids of its steps that this visitor has passed."""
    passed: dict[str, set[str]] = {}
    for lesson, step in StepPass.objects.filter(visitor_id=visitor_id).values_list("lesson", "step"):
        passed.setdefault(lesson, set()).add(step)
    return passed
