"""What the scheduler decided about one pod, and every plugin's verdict on every node: a value to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cluster.scheduler.framework import Rejection


@dataclass(slots=True)
class Decision:
    """`node` is empty when none fits; `refusal` is a rejection whatever the node."""

    pod: str
    time: float
    total: int
    node: str = ""
    refusal: Rejection | None = None
    rejections: dict[str, Rejection] = field(default_factory=dict)
    scores: dict[str, dict[str, int]] = field(default_factory=dict)  # node -> plugin -> weighted score
    nominated: str = ""
    preemption: str = ""

    def totals(self) -> dict[str, int]:
        return {node: sum(by_plugin.values()) for node, by_plugin in self.scores.items()}

    def message(self) -> str:
        """Return the text of FailedScheduling and of the PodScheduled condition."""
        text = f"0/{self.total} nodes are available"
        if self.refusal is not None:
            return f"{text}: {', '.join(self.refusal.reasons)}. not found"
        if not self.total:
            return "no nodes available to schedule pods"
        counted = listed(self.rejections)
        text = f"{text}: {counted}." if counted else f"{text}."
        return f"{text} {self.preemption}" if self.preemption else text

    def plugins(self) -> frozenset[str]:
        """Return the plugins that stood in the way."""
        if self.refusal is not None:
            return frozenset({self.refusal.plugin})
        return frozenset(each.plugin for each in self.rejections.values())

    def data(self) -> dict[str, Any]:
        """Return the JSON form kept in the state book."""
        found: dict[str, Any] = {"pod": self.pod, "time": self.time, "nodes": self.total, "node": self.node}
        if self.refusal is not None:
            found["refused"] = {"plugin": self.refusal.plugin, "reasons": list(self.refusal.reasons)}
        found["filtered"] = {
            node: {"plugin": each.plugin, "reasons": list(each.reasons)} for node, each in self.rejections.items()
        }
        found["scores"] = self.scores
        if self.nominated:
            found["nominated"] = self.nominated
        if not self.node:
            found["message"] = self.message()
        return found


def listed(rejections: dict[str, Rejection]) -> str:
    """Return `1 Insufficient cpu, 2 node(s) …`, sorted as text like the real one."""
    counts = Counter(reason for each in rejections.values() for reason in each.reasons)
    return ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
