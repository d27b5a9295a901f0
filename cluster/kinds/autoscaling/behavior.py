"""Defaults of an autoscaler's scaling rules (`SetDefaults_HorizontalPodAutoscalerBehavior`)."""

from __future__ import annotations

from typing import Any

_WINDOW = 15


def _usual_up() -> dict[str, Any]:
    return {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": _WINDOW},
            {"type": "Percent", "value": 100, "periodSeconds": _WINDOW},
        ],
    }


def _usual_down() -> dict[str, Any]:
    return {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": _WINDOW}]}


def default_behavior(behavior: dict[str, Any]) -> None:
    """Fill in both directions, keeping every rule that is given."""
    for direction, usual in (("scaleUp", _usual_up()), ("scaleDown", _usual_down())):
        given = {field: value for field, value in (behavior.get(direction) or {}).items() if value is not None}
        if not given.get("policies"):
            given.pop("policies", None)
        behavior[direction] = {**usual, **given}
