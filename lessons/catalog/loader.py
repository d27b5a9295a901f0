"""Loads tracks, lessons and topics from the content folder, and says what is wrong with them by file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lessons.catalog.lesson import LANGUAGES, CheckSpec, Lesson, Quiz, Step, Topic, Track
from lessons.catalog.text import TextError, parse

CONTENT = Path(__file__).resolve().parent.parent / "content"


class ContentError(ValueError):
    """A content file that cannot be used; the message begins with its path."""


def _yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ContentError(f"{path.relative_to(CONTENT)}: {error}") from error


@cache
def tracks() -> tuple[Track, ...]:
    """Return the tracks in the order of the map."""
    return tuple(_track(name) for name in _yaml(CONTENT / "tracks.yaml"))


@cache
def topics() -> Mapping[str, Topic]:
    """Return every topic of the knowledge graph by id, in its order."""
    areas = _yaml(CONTENT / "topics.yaml")
    found = [
        Topic(f"{area['area']}.{row['id']}", area["area"], {"en": row["en"], "zh-hans": row["zh"]}, _needs(row))
        for area in areas
        for row in area["topics"]
    ]
    return {topic.id: topic for topic in found}


def area_titles() -> Mapping[str, Mapping[str, str]]:
    """Return the areas' titles by area and language."""
    return {area["area"]: {"en": area["en"], "zh-hans": area["zh"]} for area in _yaml(CONTENT / "topics.yaml")}


def _needs(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row.get("needs", ()))


def lesson(lesson_id: str) -> Lesson:
    """Return one lesson; KeyError when there is none."""
    for track in tracks():
        for found in track.lessons:
            if found.id == lesson_id:
                return found
    raise KeyError(lesson_id)


def _track(name: str) -> Track:
    data = _yaml(CONTENT / name / "track.yaml")
    lessons = tuple(load_lesson(CONTENT / name / slug) for slug in data["lessons"])
    return Track(name, {"en": data["en"], "zh-hans": data["zh"]}, lessons)


def load_lesson(folder: Path) -> Lesson:
    """Return the lesson in this folder: `lesson.yaml` and one Markdown file per language."""
    data = _yaml(folder / "lesson.yaml")
    texts = {}
    for language in LANGUAGES:
        path = folder / f"{language}.md"
        try:
            texts[language] = parse(path.read_text(encoding="utf-8"))
        except (OSError, TextError) as error:
            raise ContentError(f"{path.relative_to(CONTENT)}: {error}") from error
    return Lesson(
        id=f"{folder.parent.name}/{folder.name}",
        steps=tuple(_step(step) for step in data["steps"]),
        texts=texts,
        setup=tuple(data.get("setup", ())),
        files=data.get("files", {}),
        workers=data.get("workers", 3),
        minutes=data.get("minutes", 10),
        view=data.get("view", "machine"),
    )


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        id=data["id"],
        topics=tuple(data["topics"]),
        checks=tuple(_check(check) for check in data["checks"]),
        solution=tuple(data["solution"]),
        near_miss=tuple(data.get("near_miss", ())),
        setup=tuple(data.get("setup", ())),
        quizzes=tuple(_quiz(quiz) for quiz in data.get("quizzes", ())),
        hints=data.get("hints", 0),
        wait=float(data.get("wait", 300)),
    )


def _check(data: Mapping[str, Any]) -> CheckSpec:
    options = {key: value for key, value in data.items() if key not in ("id", "type", "stable")}
    return CheckSpec(data["id"], data["type"], options, float(data.get("stable", 0)))


def _quiz(data: Mapping[str, Any]) -> Quiz:
    return Quiz(data["id"], tuple(data["options"]), data["answer"], data.get("predict", ""))
