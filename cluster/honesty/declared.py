"""What no module can say of itself: things a real cluster has and a lab has not, and verdicts on whole registries.

`declared.yaml` holds section → name → state and reason in every language; `sections.yaml` the titles.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from cluster.honesty.lines import Line, Text


def declared(section: str) -> dict[str, Line]:
    """Return name → line of what is declared for a section."""
    entries = _document("declared.yaml").get(section) or {}
    return {name: Line(name, one["state"], (_text(one),)) for name, one in entries.items()}


def completed(section: str, lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines with what is declared of them, then what is declared absent."""
    extra = declared(section)
    found = [_joined(line, extra.pop(line.name, None)) for line in lines]
    return (*found, *extra.values())


def _joined(line: Line, also: Line | None) -> Line:
    return line if also is None else Line(line.name, also.state, (*line.how, *also.how), line.facts)


def heading(section: str) -> tuple[Text, Text]:
    """Return (title, lead) of a section."""
    one = _document("sections.yaml")[section]
    return one["title"], one["lead"]


def _text(one: dict[str, str]) -> Text:
    return {language: text for language, text in one.items() if language != "state"}


@cache
def _document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files(__package__) / name).read_text(encoding="utf-8"))
    return found
