"""What pods ask of their machine, summed as the scheduler sums it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.machinery.meta import Object
from cluster.machinery.quantity import parse

Amounts = tuple[int, int]  # thousandths of a core, bytes
NOTHING: Amounts = (0, 0)


def requested(pod: Object) -> Amounts:
    """Return what a pod holds on its machine; nothing once it has ended."""
    if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return NOTHING
    spec = pod.get("spec", {})
    running = [_amounts(each) for each in spec.get("containers") or ()]
    first = [_amounts(each) for each in spec.get("initContainers") or ()]
    cpu = max([sum(each[0] for each in running), *(each[0] for each in first)])
    memory = max([sum(each[1] for each in running), *(each[1] for each in first)])
    return cpu, memory


def _amounts(container: Mapping[str, Any]) -> Amounts:
    asked = (container.get("resources") or {}).get("requests") or {}
    return parse(str(asked.get("cpu", "0"))).milli_value, parse(str(asked.get("memory", "0"))).value


def room(allocatable: Mapping[str, str]) -> Amounts:
    return parse(allocatable.get("cpu", "0")).milli_value, parse(allocatable.get("memory", "0")).value
