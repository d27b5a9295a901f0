"""The map: every area an island, every topic a stop with the lessons that teach it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lessons.catalog.lesson import Lesson, Topic
from lessons.catalog.loader import area_titles, topics, tracks


@dataclass(frozen=True)
class LessonStop:
    """A lesson on its island; `state` is new, begun or passed."""

    id: str
    track: str
    slug: str
    title: str
    summary: str
    minutes: int
    state: str
    steps: int
    passed: int


@dataclass(frozen=True)
class TopicStop:
    id: str
    title: str
    lesson: str
    passed: bool


@dataclass(frozen=True)
class Island:
    """`lessons` is empty where the course has not come yet."""

    id: str
    title: str
    lessons: Sequence[LessonStop]
    topics: Sequence[TopicStop]

    @property
    def passed(self) -> int:
        return sum(topic.passed for topic in self.topics)


Passed = Mapping[str, Collection[str]]


def islands_of(passed: Passed, language: str) -> list[Island]:
    """Return the map for a visitor who has passed these steps (lesson id → step ids)."""
    lessons = {track.id: track.lessons for track in tracks()}
    by_area: dict[str, list[Topic]] = {}
    for topic in topics().values():
        by_area.setdefault(topic.area, []).append(topic)
    return [
        Island(
            area,
            titles[language] if language in titles else titles["en"],
            [_lesson(lesson, passed, language) for lesson in lessons.get(area, ())],
            [_topic(topic, lessons.get(area, ()), passed, language) for topic in by_area[area]],
        )
        for area, titles in area_titles().items()
    ]


def next_lesson(passed: Passed, language: str) -> LessonStop | None:
    """Return the first lesson that is not passed yet."""
    for track in tracks():
        for lesson in track.lessons:
            if len(passed.get(lesson.id, ())) < len(lesson.steps):
                return _lesson(lesson, passed, language)
    return None


def _lesson(lesson: Lesson, passed: Passed, language: str) -> LessonStop:
    text = lesson.text(language)
    done = len(passed.get(lesson.id, ()))
    state = "passed" if done == len(lesson.steps) else "begun" if done else "new"
    track, _, slug = lesson.id.partition("/")
    return LessonStop(lesson.id, track, slug, text.title, text.summary, lesson.minutes, state, len(lesson.steps), done)


def _topic(topic: Topic, lessons: Sequence[Lesson], passed: Passed, language: str) -> TopicStop:
    teaching = [(lesson, step) for lesson in lessons for step in lesson.steps if topic.id in step.topics]
    done = bool(teaching) and all(step.id in passed.get(lesson.id, ()) for lesson, step in teaching)
    title = topic.titles.get(language) or topic.titles["en"]
    return TopicStop(topic.id, title, teaching[0][0].id if teaching else "", done)
