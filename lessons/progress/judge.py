"""Judges a step on a lab: every check's stability window, and whether all hold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cluster.runtime.view import LabView, Revision
from lessons.catalog.lesson import CheckSpec, Step
from lessons.checks.registry import CHECKS


@dataclass
class Memory:
    """What must be remembered between two looks: since when each check holds (virtual seconds)."""

    since: dict[str, float] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return {"since": dict(self.since)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Memory:
        return cls(dict(data.get("since", {})))


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ticks` says of each check whether it is ticked; `due` when a stability window ends that is still running."""

    ticks: Mapping[str, bool]
    due: float | None

    @property
    def passed(self) -> bool:
        return all(self.ticks.values())


def judge(step: Step, memory: Memory, lab: LabView, news: Sequence[Revision]) -> Judgement:
    """Look at the lab once; updates `memory`."""
    ticks = {check.id: _tick(check, memory, lab, news) for check in step.checks}
    ends = [memory.since[check.id] + check.stable for check in step.checks if check.id in memory.since]
    waiting = [end for end in ends if end > lab.now]
    return Judgement(ticks, min(waiting, default=None))


def _tick(check: CheckSpec, memory: Memory, lab: LabView, news: Sequence[Revision]) -> bool:
    kind = CHECKS[check.type]
    if not (kind.lasting and check.id in memory.since):
        if not kind.holds(check.options, lab, news):
            memory.since.pop(check.id, None)
            return False
        memory.since.setdefault(check.id, lab.now)
    return lab.now >= memory.since[check.id] + check.stable
