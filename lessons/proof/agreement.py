"""Do the languages of a lesson say the same? Steps, checks, hints, quizzes and code blocks must agree."""

from __future__ import annotations

from collections.abc import Iterator

from lessons.catalog.lesson import LANGUAGES, Lesson, Step, StepText
from lessons.catalog.loader import CONTENT
from lessons.catalog.text import code_blocks


def disagreements(lesson: Lesson) -> Iterator[str]:
    """Yield what is wrong with the lesson's texts, one sentence each."""
    yield from _blocks(lesson)
    for language in LANGUAGES:
        text = lesson.texts[language]
        wanted, found = [step.id for step in lesson.steps], list(text.steps)
        if wanted != found:
            yield f"{language}: steps are {found}, the structure has {wanted}"
            continue
        if not text.summary:
            yield f"{language}: no summary"
        for step in lesson.steps:
            for fault in _step(step, text.steps[step.id]):
                yield f"{language}: {step.id}: {fault}"


def _blocks(lesson: Lesson) -> Iterator[str]:
    sources = [(CONTENT / lesson.id / f"{language}.md").read_text(encoding="utf-8") for language in LANGUAGES]
    blocks = [code_blocks(source) for source in sources]
    if any(other != blocks[0] for other in blocks):
        yield "the languages have different code blocks"


def _step(step: Step, text: StepText) -> Iterator[str]:
    for part in ("title", "task", "done"):
        if not getattr(text, part):
            yield f"no {part}"
    if list(text.checks) != [check.id for check in step.checks]:
        yield f"checks are {list(text.checks)}, the structure has {[check.id for check in step.checks]}"
    if len(text.hints) != step.hints:
        yield f"{len(text.hints)} hints, the structure has {step.hints}"
    if list(text.quizzes) != [quiz.id for quiz in step.quizzes]:
        yield f"quizzes are {list(text.quizzes)}, the structure has {[quiz.id for quiz in step.quizzes]}"
        return
    for quiz in step.quizzes:
        found = text.quizzes[quiz.id]
        if tuple(found.options) != quiz.options or quiz.answer not in quiz.options:
            yield f"quiz {quiz.id}: options are {list(found.options)}, the structure has {list(quiz.options)}"
        if not found.explanation:
            yield f"quiz {quiz.id}: no explanation (### why: {quiz.id})"
