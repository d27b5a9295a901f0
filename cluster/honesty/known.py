"""The recorded answers of a real cluster that are known to be other here, one by one, each with its reason.

`known.yaml` is the one list: the golden tests fail on a difference it does not name and on an entry that is no
longer true, and the page "simulated, simplified, absent" shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Difference:
    """A step of a recorded session (counted from 1), or a whole recorded scenario or table (`step` 0, no `command`)."""

    recording: str
    step: int
    command: str
    reason: str


def steps() -> tuple[Difference, ...]:
    """Return the steps of recorded kubectl sessions that print something else."""
    return tuple(Difference(one["session"], one["step"], one["command"], one["reason"])
                 for one in _document()["transcripts"] or ())  # fmt: skip


def scenarios() -> tuple[Difference, ...]:
    """Return the recorded scenarios whose story is told otherwise."""
    return tuple(Difference(one["scenario"], 0, "", one["reason"]) for one in _document()["scenarios"] or ())


def tables() -> tuple[Difference, ...]:
    """Return the recorded tables whose columns are described in other words."""
    return tuple(Difference(one["table"], 0, "", one["reason"]) for one in _document()["tables"] or ())


def reasons() -> dict[str, dict[str, str]]:
    """Return reason → language (`en`, `zh-hans`) → text."""
    found: dict[str, dict[str, str]] = _document()["reasons"]
    return found


@cache
def _document() -> dict[str, Any]:
    text = (files(__package__) / "known.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found
