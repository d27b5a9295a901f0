"""The TARGETS column of autoscalers: current and wanted value of each metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.kinds.printing import NONE, UNKNOWN

_SHOWN = 2
Metric = Mapping[str, Any]


def _current(status: Metric | None, source: str, field: str) -> Any:
    found = ((status or {}).get(source) or {}).get("current") or {}
    return found.get(field)


def _of_resource(source: str) -> Callable[[Metric, Metric | None], str]:
    def text(metric: Metric, status: Metric | None) -> str:
        given = metric.get(source) or {}
        target = given.get("target") or {}
        if target.get("averageValue") is not None:
            current = _current(status, source, "averageValue") or UNKNOWN
            return f"{given.get('name')}: {current}/{target['averageValue']}"
        used = _current(status, source, "averageUtilization")
        current = UNKNOWN if used is None else f"{used}%"
        wanted = target.get("averageUtilization")
        return f"{given.get('name')}: {current}/{'<auto>' if wanted is None else f'{wanted}%'}"

    return text


def _of_pods(metric: Metric, status: Metric | None) -> str:
    target = (metric.get("pods") or {}).get("target") or {}
    return f"{_current(status, 'pods', 'averageValue') or UNKNOWN}/{target.get('averageValue')}"


def _of_value(source: str) -> Callable[[Metric, Metric | None], str]:
    def text(metric: Metric, status: Metric | None) -> str:
        target = (metric.get(source) or {}).get("target") or {}
        if target.get("averageValue") is not None:
            return f"{_current(status, source, 'averageValue') or UNKNOWN}/{target['averageValue']} (avg)"
        return f"{_current(status, source, 'value') or UNKNOWN}/{target.get('value')}"

    return text


_BY_TYPE: Mapping[str, Callable[[Metric, Metric | None], str]] = {
    "External": _of_value("external"),
    "Object": _of_value("object"),
    "Pods": _of_pods,
    "Resource": _of_resource("resource"),
    "ContainerResource": _of_resource("containerResource"),
}


def metrics_text(metrics: Sequence[Metric], statuses: Sequence[Metric]) -> str:
    """Return `cpu: 40%/80%, memory: 10Mi/50Mi + 1 more...`."""
    if not metrics:
        return NONE
    listed = []
    for index, metric in enumerate(metrics):
        status = statuses[index] if index < len(statuses) else None
        writer = _BY_TYPE.get(metric.get("type") or "")
        listed.append(writer(metric, status) if writer else "<unknown type>")
    text = ", ".join(listed[:_SHOWN])
    return f"{text} + {len(listed) - _SHOWN} more..." if len(listed) > _SHOWN else text
