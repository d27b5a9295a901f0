"""Which pods go first when a ReplicaSet shrinks.

Follows `ActivePodsWithRanks` of pkg/controller/controller_utils.go:
https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-down-a-replicaset
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from cluster.controllers.pods import is_ready, phase, ready_since
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, annotations_of, meta, uid

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def to_delete(pods: Sequence[Object], related: Sequence[Object], count: int, now: float) -> list[Object]:
    """Return the `count` pods to delete; `related` are all active pods of the same owner's siblings."""
    if count >= len(pods):
        return list(pods)
    crowd = Counter(node_of(pod) for pod in related)
    return sorted(pods, key=lambda pod: _rank(pod, crowd, now))[:count]


def node_of(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")


def _rank(pod: Object, crowd: Counter[str], now: float) -> tuple[Any, ...]:
    ready = is_ready(pod)
    return (
        bool(node_of(pod)),
        _PHASES.get(phase(pod), 2),
        ready,
        _deletion_cost(pod),
        -crowd[node_of(pod)],
        _age_bucket(now, ready_since(pod)) if ready else 0,
        -_restarts(pod),
        _age_bucket(now, parse_timestamp(meta(pod)["creationTimestamp"])),
        uid(pod),
    )


def _deletion_cost(pod: Object) -> int:
    try:
        return int(annotations_of(pod).get(DELETION_COST, "0"))
    except ValueError:
        return 0


def _restarts(pod: Object) -> int:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return max((each.get("restartCount", 0) for each in statuses), default=0)


def _age_bucket(now: float, since: float | None) -> int:
    """The logarithm of the age: pods of about the same age are equal, and then their uid decides."""
    age = now - (since or 0.0)
    return int(math.log2(age)) if age >= 1 else 0
