"""Whether a node takes a pod that is bound to it: the kubelet's own check, after the scheduler's.

A pod that was given a `nodeName` past the scheduler may not fit; it is rejected, not queued.
https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.machinery.meta import Object
from cluster.machinery.quantity import parse

_REASONS = {"cpu": "OutOfcpu", "memory": "OutOfmemory", "ephemeral-storage": "OutOfephemeral-storage"}


def pod_requests(pod: Object) -> dict[str, int]:
    """Return what a pod asks for: cpu in thousandths, the rest in units; init containers count by their maximum."""
    spec = pod["spec"]
    total = _sum(container for container in spec.get("containers") or ())
    sidecars = _sum(one for one in spec.get("initContainers") or () if one.get("restartPolicy") == "Always")
    total = {name: total.get(name, 0) + sidecars.get(name, 0) for name in {*total, *sidecars}}
    for one in spec.get("initContainers") or ():
        for name, amount in _requests(one).items():
            total[name] = max(total.get(name, 0), amount)
    for name, amount in (spec.get("overhead") or {}).items():
        total[name] = total.get(name, 0) + _units(name, amount)
    return total


def _sum(containers: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in containers:
        for name, amount in _requests(one).items():
            total[name] = total.get(name, 0) + amount
    return total


def _requests(container: Mapping[str, Any]) -> dict[str, int]:
    requests = (container.get("resources") or {}).get("requests") or {}
    return {name: _units(name, amount) for name, amount in requests.items()}


def _units(name: str, amount: Any) -> int:
    quantity = parse(amount)
    return quantity.milli_value if name == "cpu" else quantity.value


def rejection(
    pod: Object, node: Object | None, allocatable: Mapping[str, str], neighbours: Iterable[Mapping[str, int]]
) -> tuple[str, str]:
    """Return (reason, message) when the node does not take the pod, else ('', '').

    `neighbours` are the requests of the pods it runs already.
    """
    others = list(neighbours)
    limit = int(allocatable["pods"])
    if len(others) + 1 > limit:
        return "OutOfpods", _too_little("pods", 1, len(others), limit)
    for name, amount in pod_requests(pod).items():
        capacity = _units(name, allocatable.get(name, "0"))
        used = sum(other.get(name, 0) for other in others) if amount else 0
        if amount and used + amount > capacity:
            return _REASONS.get(name, f"OutOf{name}"), _too_little(name, amount, used, capacity)
    return _placement(pod, node)


def _too_little(name: str, requested: int, used: int, capacity: int) -> str:
    return f"Node didn't have enough resource: {name}, requested: {requested}, used: {used}, capacity: {capacity}"


def _placement(pod: Object, node: Object | None) -> tuple[str, str]:
    if node is None:
        return "", ""
    labels = (node.get("metadata") or {}).get("labels") or {}
    selector = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return "NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
    return "", ""
