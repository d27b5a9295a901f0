"""How fast a recommendation may be followed: bounds, stabilisation windows and scaling policies.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
What happened lately is kept in the state book, so that a restarted manager goes on where it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

DOWN_WINDOW = 300
_UP: dict[str, Any] = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Percent", "value": 100, "periodSeconds": 15},
        {"type": "Pods", "value": 4, "periodSeconds": 15},
    ],
}
_DOWN: dict[str, Any] = {
    "stabilizationWindowSeconds": DOWN_WINDOW,
    "selectPolicy": "Max",
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
}


@dataclass
class Memory:
    """Recommendations and changes of one autoscaler, each with its moment."""

    recommendations: list[tuple[float, int]] = field(default_factory=list)
    changes: list[tuple[float, int]] = field(default_factory=list)  # pods added (or, below zero, removed)

    @classmethod
    def read(cls, data: Any) -> Memory:
        if not data:
            return cls()
        return cls(*([(moment, count) for moment, count in data[part]] for part in ("recommendations", "changes")))

    def data(self, now: float) -> dict[str, Any]:
        kept = now - 3600
        return {
            "recommendations": [list(each) for each in self.recommendations if each[0] > kept],
            "changes": [list(each) for each in self.changes if each[0] > kept],
        }


@dataclass(frozen=True)
class Verdict:
    """The number of replicas, and the conditions that explain it as (type, status, reason, message)."""

    replicas: int
    conditions: tuple[tuple[str, str, str, str], ...]


def limit(spec: dict[str, Any], memory: Memory, current: int, proposed: int, now: float) -> Verdict:
    """Return what may be done of the proposal now."""
    behaviour = spec.get("behavior") or {}
    up, down = {**_UP, **(behaviour.get("scaleUp") or {})}, {**_DOWN, **(behaviour.get("scaleDown") or {})}
    memory.recommendations.append((now, proposed))
    steady, able = _stabilized(memory, current, proposed, up, down, now)
    count, limited = _bounded(spec, memory, current, steady, up if steady > current else down, now)
    return Verdict(count, (able, limited))


def _stabilized(
    memory: Memory, current: int, proposed: int, up: dict[str, Any], down: dict[str, Any], now: float
) -> tuple[int, tuple[str, str, str, str]]:
    def recent(rules: dict[str, Any]) -> list[int]:
        since = now - rules["stabilizationWindowSeconds"]
        return [count for moment, count in memory.recommendations if moment > since] or [proposed]

    lowest, highest = min([proposed, *recent(up)]), max([proposed, *recent(down)])
    steady = min(max(current, lowest), highest)
    if steady == proposed:
        return steady, ("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size")
    higher = steady > proposed
    side, choice = ("ScaleDownStabilized", "highest") if higher else ("ScaleUpStabilized", "lowest")
    word = "higher" if higher else "lower"
    message = f"recent recommendations were {word} than current one, applying the {choice} recent recommendation"
    return steady, ("AbleToScale", "True", side, message)


def _bounded(
    spec: dict[str, Any], memory: Memory, current: int, wanted: int, rules: dict[str, Any], now: float
) -> tuple[int, tuple[str, str, str, str]]:
    least, most = spec.get("minReplicas", 1), spec["maxReplicas"]
    if wanted > current:
        rate = max(_reach(memory, current, rules, now, up=True), current)
        ceiling = min(rate, most)
        if wanted > ceiling:
            return ceiling, _too_many() if ceiling == most else _too_fast("ScaleUpLimit", "increasing", "maximum")
    elif wanted < current:
        rate = min(_reach(memory, current, rules, now, up=False), current)
        floor = max(rate, least)
        if wanted < floor:
            return floor, _too_few() if floor == least else _too_fast("ScaleDownLimit", "decreasing", "maximum")
    if wanted > most:
        return most, _too_many()
    if wanted < least:
        return least, _too_few()
    fine = "the desired count is within the acceptable range"
    return wanted, ("ScalingLimited", "False", "DesiredWithinRange", fine)


def _too_many() -> tuple[str, str, str, str]:
    message = "the desired replica count is more than the maximum replica count"
    return ("ScalingLimited", "True", "TooManyReplicas", message)


def _too_few() -> tuple[str, str, str, str]:
    message = "the desired replica count is less than the minimum replica count"
    return ("ScalingLimited", "True", "TooFewReplicas", message)


def _too_fast(reason: str, how: str, bound: str) -> tuple[str, str, str, str]:
    message = f"the desired replica count is {how} faster than the {bound} scale rate"
    return ("ScalingLimited", "True", reason, message)


def _reach(memory: Memory, current: int, rules: dict[str, Any], now: float, *, up: bool) -> int:
    """Return how far the policies let the count go from here."""
    if rules["selectPolicy"] == "Disabled":
        return current
    reaches = []
    for policy in rules["policies"]:
        since = now - policy["periodSeconds"]
        changed = sum(count for moment, count in memory.changes if moment > since and (count > 0) == up)
        start = current - changed
        if policy["type"] == "Pods":
            reaches.append(start + policy["value"] if up else start - policy["value"])
        elif up:
            reaches.append(math.ceil(start * (1 + policy["value"] / 100)))
        else:
            reaches.append(int(start * (1 - policy["value"] / 100)))
    widest = (rules["selectPolicy"] == "Max") == up
    return int(max(reaches) if widest else min(reaches))
