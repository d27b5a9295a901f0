"""What pods ask for and may use, summed as the scheduler and kubectl sum it: init containers count by their peak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.machinery import quantity
from cluster.machinery.meta import Object

Amounts = dict[str, int]


def _amount(key: str, value: Any) -> int:
    return quantity.parse(value).milli_value if key == "cpu" else quantity.parse(value).value


def _of(container: Mapping[str, Any], field: str) -> Amounts:
    given = (container.get("resources") or {}).get(field) or {}
    return {key: _amount(key, value) for key, value in given.items()}


def _added(left: Amounts, right: Amounts) -> Amounts:
    return {key: left.get(key, 0) + right.get(key, 0) for key in left | right}


def _peak(left: Amounts, right: Amounts) -> Amounts:
    return {key: max(left.get(key, 0), right.get(key, 0)) for key in left | right}


def _pod(spec: Mapping[str, Any], field: str) -> Amounts:
    found: Amounts = {}
    for container in spec.get("containers") or ():
        found = _added(found, _of(container, field))
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers") or ():
        asked = _of(container, field)
        if container.get("restartPolicy") == "Always":
            found, sidecars = _added(found, asked), _added(sidecars, asked)
            peak = _peak(peak, sidecars)
        else:
            peak = _peak(peak, _added(sidecars, asked))
    found = _peak(found, peak)
    overhead = {key: _amount(key, value) for key, value in (spec.get("overhead") or {}).items()}
    return _added(found, overhead) if overhead and (field == "requests" or found) else found


def requests_and_limits(pod: Object) -> tuple[Amounts, Amounts]:
    """Return what one pod asks for and may use: thousandths of a processor, units of the rest."""
    return _pod(pod["spec"], "requests"), _pod(pod["spec"], "limits")


def total(pods: Iterable[Object]) -> tuple[Amounts, Amounts]:
    requests: Amounts = {}
    limits: Amounts = {}
    for pod in pods:
        asked, allowed = requests_and_limits(pod)
        requests, limits = _added(requests, asked), _added(limits, allowed)
    return requests, limits
