"""How many replicas each ReplicaSet gets: the plans of rolling, scaling and recreating. Pure functions.

A plan is a list of (ReplicaSet, replicas); the controller carries it out.
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
"""

from __future__ import annotations

from collections.abc import Sequence

from cluster.controllers.deployment import facts
from cluster.controllers.deployment.facts import active, by_creation, counted, replicas, total
from cluster.machinery.meta import Object, annotations_of, meta

Plan = list[tuple[Object, int]]


def grow_new(deployment: Object, sets: Sequence[Object], new: Object) -> Plan:
    """Rolling: the new ReplicaSet up to the surge, or down when the Deployment shrank."""
    wanted = replicas(deployment)
    if replicas(new) == wanted:
        return []
    if replicas(new) > wanted:
        return [(new, wanted)]
    count = facts.new_set_replicas(deployment, sets, replicas(new))
    return [] if count == replicas(new) else [(new, count)]


def shrink_old(deployment: Object, new: Object, old: Sequence[Object]) -> Plan:
    """Rolling: old ReplicaSets down as far as availability allows, pods that never became ready first."""
    if total(old) == 0:
        return []
    minimum = replicas(deployment) - facts.max_unavailable(deployment)
    new_unavailable = replicas(new) - counted([new], "availableReplicas")
    room = total([new, *old]) - minimum - new_unavailable
    if room <= 0:
        return []
    sizes = _without_unhealthy(by_creation(old), room)
    spare = counted([new, *old], "availableReplicas") - minimum
    for index, (target, size) in enumerate(sizes):
        if spare <= 0:
            break
        taken = min(size, spare)
        sizes[index] = (target, size - taken)
        spare -= taken
    return [(target, size) for target, size in sizes if size != replicas(target)]


def _without_unhealthy(old: Sequence[Object], room: int) -> Plan:
    sizes = []
    for each in old:
        gone = max(0, min(room, replicas(each) - counted([each], "availableReplicas")))
        room -= gone
        sizes.append((each, replicas(each) - gone))
    return sizes


def spread(deployment: Object, new: Object | None, old: Sequence[Object]) -> Plan:
    """Scaling in the middle of a rollout, or without one."""
    single = _active_or_latest(new, old)
    if single is not None:
        wanted = replicas(deployment)
        return [] if replicas(single) == wanted else [(single, wanted)]
    if facts.is_saturated(deployment, new):
        return [(each, 0) for each in by_creation(active(old))]
    if facts.is_rolling(deployment):
        return _proportional(deployment, active([*old, *([new] if new else [])]))
    return []


def _active_or_latest(new: Object | None, old: Sequence[Object]) -> Object | None:
    latest = sorted(old, key=lambda each: meta(each).get("creationTimestamp", ""), reverse=True)
    alive = active([*latest, *([new] if new else [])])
    if not alive:
        return new if new is not None else (latest[0] if latest else None)
    return alive[0] if len(alive) == 1 else None


def _proportional(deployment: Object, sets: Sequence[Object]) -> Plan:
    wanted = replicas(deployment)
    allowed = wanted + facts.max_surge(deployment) if wanted > 0 else 0
    to_add = allowed - total(sets)
    newest_first = to_add > 0
    ordered = sorted(
        by_creation(sets)[::-1] if newest_first else by_creation(sets), key=lambda each: replicas(each), reverse=True
    )
    added = 0
    plan: Plan = []
    for each in ordered:
        share = _share(deployment, each, to_add, added)
        added += share
        plan.append((each, replicas(each) + share))
    if plan and to_add:
        plan[0] = (plan[0][0], max(0, plan[0][1] + to_add - added))
    return plan


def _share(deployment: Object, each: Object, to_add: int, added: int) -> int:
    if replicas(each) == 0 or to_add == 0 or to_add == added:
        return 0
    fraction = _fraction(deployment, each)
    left = to_add - added
    return min(fraction, left) if to_add > 0 else max(fraction, left)


def _fraction(deployment: Object, each: Object) -> int:
    if replicas(deployment) == 0:
        return -replicas(each)
    whole = replicas(deployment) + facts.max_surge(deployment)
    before = int(annotations_of(each).get(facts.MAXIMUM) or counted([deployment], "replicas") or whole)
    return int(replicas(each) * whole / before + 0.5) - replicas(each)
