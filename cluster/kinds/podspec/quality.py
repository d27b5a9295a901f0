"""The quality-of-service class of a pod. https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/"""

from __future__ import annotations

from typing import Any

from cluster.machinery.quantity import parse

_COUNTED = ("cpu", "memory")


def _amounts(resources: dict[str, Any], field: str) -> dict[str, int]:
    """Return the positive CPU and memory amounts of `requests` or `limits`."""
    found = {name: parse(amount).nanos for name, amount in (resources.get(field) or {}).items() if name in _COUNTED}
    return {name: amount for name, amount in found.items() if amount > 0}


def _resource_lists(spec: dict[str, Any]) -> list[dict[str, Any]]:
    own = spec.get("resources") or {}
    if own.get("requests") or own.get("limits"):
        return [own]
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return [container.get("resources") or {} for container in containers]


def qos_class(spec: dict[str, Any]) -> str:
    """Return Guaranteed, Burstable or BestEffort."""
    lists = _resource_lists(spec)
    pairs = [(_amounts(one, "requests"), _amounts(one, "limits")) for one in lists]
    if not any(requests or limits for requests, limits in pairs):
        return "BestEffort"
    if all(len(limits) == 2 and (requests == limits or not requests) for requests, limits in pairs):
        return "Guaranteed"
    return "Burstable"
