"""The values a lesson is made of. Structure is one for all languages; texts are one file per language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One condition of a step. `type` names an entry of `lessons.checks.registry`, `options` are its own;
    `stable` is for how many virtual seconds it must hold without a break."""

    id: str
    type: str
    options: Mapping[str, Any]
    stable: float = 0.0


@dataclass(frozen=True, slots=True)
class Quiz:
    """A question with one right option. `predict` is the command whose outcome is asked for: the learner
    answers first and runs it afterwards."""

    id: str
    options: tuple[str, ...]
    answer: str
    predict: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `solution` and `near_miss` are command lines of the learner's terminal; `wait` is how many
    virtual seconds a solution may take to show."""

    id: str
    topics: tuple[str, ...]
    checks: tuple[CheckSpec, ...]
    solution: tuple[str, ...]
    near_miss: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    quizzes: tuple[Quiz, ...] = ()
    hints: int = 0
    wait: float = 300.0


@dataclass(frozen=True, slots=True)
class QuizText:
    question: str
    options: Mapping[str, str]
    explanation: str


@dataclass(frozen=True, slots=True)
class StepText:
    """A step in one language; everything is Markdown. `checks` are the lines of the check list."""

    title: str
    body: str
    task: str
    checks: Mapping[str, str]
    hints: tuple[str, ...]
    done: str
    quizzes: Mapping[str, QuizText]


@dataclass(frozen=True, slots=True)
class LessonText:
    title: str
    summary: str
    steps: Mapping[str, StepText]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson: `id` is `<track>/<slug>`; `files` are laid into the learner's home when it starts."""

    id: str
    steps: tuple[Step, ...]
    texts: Mapping[str, LessonText]
    setup: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    workers: int = 3
    minutes: int = 10
    view: str = "machine"

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(topic for step in self.steps for topic in step.topics))

    def step(self, step_id: str) -> Step:
        """Return the step; KeyError when there is none of this id."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def text(self, language: str) -> LessonText:
        """Return the texts in this language, English where it has none."""
        return self.texts.get(language) or self.texts["en"]


@dataclass(frozen=True, slots=True)
class Track:
    """An island of the map: an area of the knowledge graph and its lessons in order."""

    id: str
    titles: Mapping[str, str]
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A stop on the map: an id of the knowledge graph, its names, and what should be known before."""

    id: str
    area: str
    titles: Mapping[str, str]
    needs: tuple[str, ...] = ()
