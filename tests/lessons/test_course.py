"""The course proves itself: every lesson, in virtual time, in both languages."""

from __future__ import annotations

import pytest

from lessons.catalog.lesson import Lesson
from lessons.catalog.loader import topics, tracks
from lessons.proof.prove import faults

LESSONS = [lesson for track in tracks() for lesson in track.lessons]
COMPLETE_AREAS = {"intro", "basics", "manifests", "security"}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_the_start_fails_the_solution_passes_and_the_languages_agree(lesson: Lesson) -> None:
    assert list(faults(lesson)) == []


def test_every_topic_of_the_areas_that_are_complete_is_taught() -> None:
    taught = {topic for lesson in LESSONS for topic in lesson.topics}
    assert taught == {topic.id for topic in topics().values() if topic.area in COMPLETE_AREAS}


def test_every_step_has_a_near_miss() -> None:
    assert [f"{lesson.id}#{step.id}" for lesson in LESSONS for step in lesson.steps if not step.near_miss] == []
