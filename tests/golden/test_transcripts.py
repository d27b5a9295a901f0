"""Recorded kubectl sessions, replayed line by line in the learner's terminal of a simulated cluster.

Both sides go through the recordings' own `normalise`. `cluster/honesty/known.yaml` names, step by step, what still
differs and why; a step it names must go on differing, or be taken off the list, and still end with the recorded code.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.honesty.known import steps
from tests.golden.recorded_lab import QUIET, RecordedLab
from tests.golden.shared import GOLDEN, files, needs_shared

TRANSCRIPTS = files(GOLDEN / "transcripts", "*.yaml")
HOME = "/home/learner"


@cache
def normalise() -> Callable[[str], str]:
    spec = importlib.util.spec_from_file_location("normalise", GOLDEN / "normalise.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[str], str] = module.normalise
    return found


@dataclass
class Replayed:
    """What differed in a session: step → text, and the steps that even ended with another code."""

    session: dict[str, Any]
    differences: dict[int, str] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)


def replay(path: Path) -> Replayed:
    session = yaml.safe_load(path.read_text())
    found = Replayed(session)
    lab = RecordedLab()
    lab.write_files(session.get("files") or {})
    for step in session.get("setup") or ():
        lab.run(step["command"])
        lab.settle(step.get("settle", QUIET))
    for number, step in enumerate(session["steps"], 1):
        _step(found, number, lab, step)
        lab.settle(step.get("settle", QUIET))
    return found


def _step(found: Replayed, number: int, lab: RecordedLab, step: dict[str, Any]) -> None:
    line = step["command"]
    if step.get("stdin"):
        lab.write_files({".stdin": step["stdin"]})
        line = f"{line} < ~/.stdin"
    outcome = lab.run(line, step.get("timeout", 60.0))
    clean = normalise()
    got = (outcome.code, clean(outcome.stdout), clean(outcome.stderr))
    want = (step["rc"], *(clean(step.get(stream, "").replace("<workdir>", HOME)) for stream in ("stdout", "stderr")))
    if got != want:
        found.differences[number] = f"{number}$ {line}\nwanted {want}\ngot    {got}"
    if got[0] != want[0]:
        found.codes.add(number)


@needs_shared
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_recorded_session_replays(path: Path) -> None:
    found = replay(path)
    known = {one.step: one for one in steps() if one.recording == path.stem}
    unknown = [text for number, text in found.differences.items() if number not in known]
    assert not unknown, "\n\n".join(unknown)
    stale = [one for number, one in known.items() if number not in found.differences]
    assert not stale, "these steps are as recorded now: take them off the list"
    assert not found.codes
    assert all(found.session["steps"][one.step - 1]["command"] == one.command for one in known.values())


@needs_shared
def test_the_list_names_recorded_sessions_only() -> None:
    assert {one.recording for one in steps()} <= {path.stem for path in TRANSCRIPTS}
