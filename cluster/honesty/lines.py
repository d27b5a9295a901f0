"""What the page "simulated, simplified, absent" consists of: sections of lines, each with one of three verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["real", "simplified", "absent"]
STATES: tuple[State, ...] = ("real", "simplified", "absent")
Text = Mapping[str, str]
"""Language (`en`, `zh-hans`) → text. What was harvested from the code is there in English only."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing and how true it is. `facts` are Kubernetes' own words: verbs, flags, versions."""

    name: str
    state: State
    how: tuple[Text, ...] = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one sort, under a title."""

    key: str
    title: Text
    lead: Text
    lines: tuple[Line, ...]
