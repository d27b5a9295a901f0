"""Shapes a lesson, an attempt and a visitor's answers into what the panel's template shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lessons.catalog.lesson import Lesson, Quiz, QuizText, Step, StepText
from lessons.catalog.render import html, inline_html
from lessons.models import Answer, Attempt


@dataclass(frozen=True)
class Tick:
    id: str
    html: str
    done: bool


@dataclass(frozen=True)
class Option:
    id: str
    html: str
    chosen: bool


@dataclass(frozen=True)
class Question:
    """`right` is None until it is answered; the explanation is shown from then on."""

    id: str
    html: str
    options: Sequence[Option]
    right: bool | None
    explanation: str
    predict: str


@dataclass(frozen=True)
class Stop:
    """One step in the lesson's own list of steps."""

    id: str
    number: int
    title: str
    passed: bool
    current: bool


@dataclass(frozen=True)
class Panel:
    lesson_id: str
    title: str
    summary: str
    stops: Sequence[Stop]
    step_title: str
    body: str
    task: str
    ticks: Sequence[Tick]
    hints: Sequence[str]
    hints_left: int
    solution: Sequence[str]
    questions: Sequence[Question]
    passed: bool
    done: str
    next_step: str
    view: str


def panel_of(
    lesson: Lesson, attempt: Attempt, answers: Sequence[Answer], passed: Collection[str], language: str
) -> Panel:
    """Return the panel of the attempt's present step."""
    text = lesson.text(language)
    step, words = lesson.step(attempt.step), text.steps[attempt.step]
    opened = attempt.hints.get(step.id, 0)
    ids = [each.id for each in lesson.steps]
    after = ids[ids.index(step.id) + 1 :]
    return Panel(
        lesson_id=lesson.id,
        title=text.title,
        summary=html(text.summary),
        stops=_stops(lesson, attempt, passed, language),
        step_title=words.title,
        body=html(words.body),
        task=html(words.task),
        ticks=_ticks(step, words, attempt),
        hints=[html(hint) for hint in words.hints[:opened]],
        hints_left=step.hints - opened,
        solution=step.solution,
        questions=_questions(step, words, answers),
        passed=attempt.passed,
        done=html(words.done),
        next_step=after[0] if after else "",
        view=lesson.view,
    )


def _stops(lesson: Lesson, attempt: Attempt, passed: Collection[str], language: str) -> list[Stop]:
    titles = lesson.text(language).steps
    return [
        Stop(step.id, number, titles[step.id].title, step.id in passed, step.id == attempt.step)
        for number, step in enumerate(lesson.steps, 1)
    ]


def _ticks(step: Step, words: StepText, attempt: Attempt) -> list[Tick]:
    return [
        Tick(check.id, inline_html(words.checks[check.id]), attempt.passed or bool(attempt.ticks.get(check.id)))
        for check in step.checks
    ]


def _questions(step: Step, words: StepText, answers: Sequence[Answer]) -> list[Question]:
    given = {answer.quiz: answer for answer in answers if answer.step == step.id}
    return [_question(quiz, words.quizzes[quiz.id], given.get(quiz.id)) for quiz in step.quizzes]


def _question(quiz: Quiz, text: QuizText, given: Answer | None) -> Question:
    chosen = given.option if given else ""
    options = [Option(option, inline_html(text.options[option]), option == chosen) for option in quiz.options]
    right = given.right if given else None
    return Question(quiz.id, html(text.question), options, right, html(text.explanation) if given else "", quiz.predict)
