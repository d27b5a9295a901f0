"""Status and conditions of a Deployment: available, progressing, timed out, failed to create pods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.controllers.deployment.facts import (
    counted,
    has_deadline,
    is_complete,
    max_unavailable,
    replicas,
    total,
)
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.conditions import Condition, find, of, without
from cluster.machinery.meta import Object, meta, name

Status = dict[str, Any]


def condition(kind: str, status: str, reason: str, message: str, now: float) -> Condition:
    moment = timestamp(now)
    return {
        "type": kind,
        "status": status,
        "lastUpdateTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }


def with_condition(conditions: Sequence[Condition], new: Condition) -> list[Condition]:
    """Set `new` unless status and reason are what they were; a kept status keeps its transition time."""
    old = find(conditions, new["type"])
    if old is not None:
        if old["status"] == new["status"] and old["reason"] == new["reason"]:
            return list(conditions)
        if old["status"] == new["status"]:
            new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [*without(conditions, new["type"]), new]


def status_conditions(deployment: Object) -> list[Condition]:
    return list((deployment.get("status") or {}).get("conditions") or [])


def calculate(deployment: Object, sets: Sequence[Object], new: Object | None, now: float) -> Status:
    """Return the status that the ReplicaSets add up to."""
    available = counted(sets, "availableReplicas")
    numbers = {
        "observedGeneration": meta(deployment).get("generation", 0),
        "replicas": counted(sets, "replicas"),
        "updatedReplicas": counted([new], "replicas") if new is not None else 0,
        "readyReplicas": counted(sets, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, total(sets) - available),
    }
    status: Status = {field: value for field, value in numbers.items() if value}
    status["terminatingReplicas"] = counted(sets, "terminatingReplicas")
    status["conditions"] = with_condition(status_conditions(deployment), _available(deployment, available, now))
    collisions = (deployment.get("status") or {}).get("collisionCount")
    return status if collisions is None else {**status, "collisionCount": collisions}


def _available(deployment: Object, available: int, now: float) -> Condition:
    if available >= replicas(deployment) - max_unavailable(deployment):
        return condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    return condition(
        "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now
    )


def rollout_status(deployment: Object, sets: Sequence[Object], new: Object | None, now: float) -> Status:
    """Return the status with the Progressing and ReplicaFailure conditions judged anew."""
    status = calculate(deployment, sets, new, now)
    current = of(deployment, "Progressing")
    if not has_deadline(deployment):
        status["conditions"] = without(status["conditions"], "Progressing")
    elif not _was_complete(status, current):
        _judge_progress(deployment, status, new, current, now)
    failures = [failure for each in ([new] if new else sets) if (failure := of(each, "ReplicaFailure")) is not None]
    if not failures and new is not None:
        failures = [failure for each in sets if (failure := of(each, "ReplicaFailure")) is not None]
    if failures:
        failed = {**failures[0], "lastUpdateTime": timestamp(now)}
        status["conditions"] = with_condition(status["conditions"], failed)
    else:
        status["conditions"] = without(status["conditions"], "ReplicaFailure")
    return status


def _was_complete(status: Status, current: Condition | None) -> bool:
    same = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    return same and current is not None and current["reason"] == "NewReplicaSetAvailable"


def _judge_progress(
    deployment: Object, status: Status, new: Object | None, current: Condition | None, now: float
) -> None:
    what = f'ReplicaSet "{name(new)}"' if new is not None else f'Deployment "{name(deployment)}"'
    if is_complete(deployment, status):
        done = f"{what} has successfully progressed."
        _set(status, condition("Progressing", "True", "NewReplicaSetAvailable", done, now))
    elif _is_progressing(deployment, status):
        moving = condition("Progressing", "True", "ReplicaSetUpdated", f"{what} is progressing.", now)
        if current is not None and current["status"] == "True":
            moving["lastTransitionTime"] = current["lastTransitionTime"]
        status["conditions"] = without(status["conditions"], "Progressing")
        _set(status, moving)
    elif has_timed_out(deployment, status, now):
        late = f"{what} has timed out progressing."
        _set(status, condition("Progressing", "False", "ProgressDeadlineExceeded", late, now))


def _set(status: Status, new: Condition) -> None:
    status["conditions"] = with_condition(status["conditions"], new)


def _is_progressing(deployment: Object, new: Status) -> bool:
    old = deployment.get("status") or {}

    def grew(field: str) -> bool:
        return int(new.get(field) or 0) > int(old.get(field) or 0)

    def outdated(status: Status) -> int:
        return int(status.get("replicas") or 0) - int(status.get("updatedReplicas") or 0)

    return (
        grew("updatedReplicas") or outdated(new) < outdated(old) or grew("readyReplicas") or grew("availableReplicas")
    )


def has_timed_out(deployment: Object, status: Status, now: float) -> bool:
    if not has_deadline(deployment):
        return False
    current = find(status.get("conditions"), "Progressing")
    if current is None or current["reason"] == "NewReplicaSetAvailable":
        return False
    if current["reason"] == "ProgressDeadlineExceeded":
        return True
    return _deadline(deployment, current) < now


def check_again_after(deployment: Object, status: Status, now: float) -> float | None:
    """Return when a standing rollout must be judged for its deadline."""
    current = find(status.get("conditions"), "Progressing")
    if not has_deadline(deployment) or current is None:
        return None
    if is_complete(deployment, status) or current["reason"] == "ProgressDeadlineExceeded":
        return None
    return max(_deadline(deployment, current) - now, 0.0) + 1.0


def _deadline(deployment: Object, current: Condition) -> float:
    return parse_timestamp(current["lastUpdateTime"]) + float(deployment["spec"]["progressDeadlineSeconds"])
