"""What is true of a Deployment and its ReplicaSets: counts, bounds, revisions. Pure functions.

Follows pkg/controller/deployment/util.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cluster.machinery.intstr import scaled
from cluster.machinery.meta import Object, annotations_of, meta, name, uid

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
HASH_LABEL = "pod-template-hash"
NO_DEADLINE = 2**31 - 1
# Annotations that belong to the Deployment alone.
NOT_INHERITED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        REVISION_HISTORY,
        DESIRED,
        MAXIMUM,
        "deprecated.deployment.rollback.to",
    }
)


def replicas(obj: Object) -> int:
    """Return `spec.replicas`, of a Deployment or a ReplicaSet."""
    return int(obj["spec"].get("replicas", 1))


def total(sets: Iterable[Object]) -> int:
    return sum(replicas(each) for each in sets)


def counted(sets: Iterable[Object], field: str) -> int:
    """Return the sum of one number of `status`."""
    return sum(int((each.get("status") or {}).get(field) or 0) for each in sets)


def active(sets: Iterable[Object]) -> list[Object]:
    return [each for each in sets if replicas(each) > 0]


def by_creation(sets: Iterable[Object]) -> list[Object]:
    return sorted(sets, key=lambda each: (meta(each).get("creationTimestamp", ""), name(each)))


def is_rolling(deployment: Object) -> bool:
    strategy = deployment["spec"].get("strategy") or {}
    return bool(strategy.get("type", "RollingUpdate") == "RollingUpdate")


def _rolling_bounds(deployment: Object) -> tuple[int, int]:
    """Return (maxSurge, maxUnavailable) as pods; both zero would stand still, so then 1 is unavailable."""
    rolling = (deployment["spec"].get("strategy") or {}).get("rollingUpdate") or {}
    count = replicas(deployment)
    surge = scaled(rolling.get("maxSurge", 0), count, round_up=True)
    unavailable = scaled(rolling.get("maxUnavailable", 0), count, round_up=False)
    return surge, unavailable if surge or unavailable else 1


def max_surge(deployment: Object) -> int:
    return _rolling_bounds(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Object) -> int:
    if not is_rolling(deployment) or replicas(deployment) == 0:
        return 0
    return min(_rolling_bounds(deployment)[1], replicas(deployment))


def revision_of(obj: Object) -> int:
    try:
        return int(annotations_of(obj).get(REVISION, "0"))
    except ValueError:
        return 0


def new_set_replicas(deployment: Object, sets: Iterable[Object], current: int) -> int:
    """Return what the new ReplicaSet may grow to now."""
    wanted = replicas(deployment)
    if not is_rolling(deployment):
        return wanted
    room = wanted + max_surge(deployment) - total(sets)
    return current if room <= 0 else current + min(room, wanted - current)


def same_template(left: Object, right: Object) -> bool:
    """Compare pod templates, the hash label aside."""
    return _without_hash(left) == _without_hash(right)


def _without_hash(template: Object) -> tuple[dict[str, Any], Any]:
    metadata = dict(template.get("metadata") or {})
    metadata.pop("creationTimestamp", None)
    labels = {key: value for key, value in (metadata.pop("labels", None) or {}).items() if key != HASH_LABEL}
    return {**metadata, "labels": labels}, template.get("spec")


def find_new_set(deployment: Object, sets: Iterable[Object]) -> Object | None:
    """Return the oldest ReplicaSet whose template is the Deployment's."""
    template = deployment["spec"]["template"]
    for each in by_creation(sets):
        if same_template(each["spec"]["template"], template):
            return each
    return None


def others(sets: Iterable[Object], new: Object | None) -> list[Object]:
    return [each for each in sets if new is None or uid(each) != uid(new)]


def is_saturated(deployment: Object, new: Object | None) -> bool:
    """The new ReplicaSet has all the pods wanted, and they are available."""
    if new is None:
        return False
    wanted = replicas(deployment)
    return (
        replicas(new) == wanted
        and annotations_of(new).get(DESIRED) == str(wanted)
        and int((new.get("status") or {}).get("availableReplicas") or 0) == wanted
    )


def is_complete(deployment: Object, status: dict[str, Any]) -> bool:
    wanted = replicas(deployment)
    counts = [int(status.get(field) or 0) for field in ("updatedReplicas", "replicas", "availableReplicas")]
    return counts == [wanted] * 3 and int(status.get("observedGeneration") or 0) >= meta(deployment).get(
        "generation", 0
    )


def has_deadline(deployment: Object) -> bool:
    deadline = deployment["spec"].get("progressDeadlineSeconds")
    return deadline is not None and deadline != NO_DEADLINE


def selects_everything(deployment: Object) -> bool:
    selector = deployment["spec"].get("selector") or {}
    return not selector.get("matchLabels") and not selector.get("matchExpressions")
