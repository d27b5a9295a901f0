"""The rolling update of a DaemonSet: which old pods go, and on which nodes a new one comes beside the old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cluster.controllers.daemonset.placement import is_updated
from cluster.controllers.pods import is_available
from cluster.machinery.intstr import scaled
from cluster.machinery.meta import Object, is_deleting


@dataclass
class Plan:
    """Pods to delete and nodes to create a pod on."""

    delete: list[Object] = field(default_factory=list)
    create: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Update:
    """One DaemonSet's update as it stands."""

    daemonset: Object
    hashed: str
    now: float

    def _available(self, pod: Object) -> bool:
        return is_available(pod, self.daemonset["spec"].get("minReadySeconds") or 0, self.now)

    def _bound(self, which: str, desired: int) -> int:
        rolling = (self.daemonset["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
        return scaled(rolling.get(which, 1 if which == "maxUnavailable" else 0), desired, round_up=True)

    def surge(self, desired: int) -> int:
        return self._bound("maxSurge", desired)

    def plan(self, by_node: Mapping[str, Sequence[Object]], desired: int) -> Plan:
        surge = self.surge(desired)
        unavailable = self._bound("maxUnavailable", desired)
        if not surge and not unavailable:
            unavailable = 1
        return self._with_surge(by_node, surge) if surge else self._in_place(by_node, unavailable)

    def _pair(self, pods: Sequence[Object]) -> tuple[Object | None, Object | None] | None:
        """Return (new, old) of the node's living pods; None when there are two of a kind."""
        new = [pod for pod in pods if not is_deleting(pod) and is_updated(self.daemonset, pod, self.hashed)]
        old = [pod for pod in pods if not is_deleting(pod) and not is_updated(self.daemonset, pod, self.hashed)]
        if len(new) > 1 or len(old) > 1:
            return None
        return (new[0] if new else None), (old[0] if old else None)

    def _in_place(self, by_node: Mapping[str, Sequence[Object]], most: int) -> Plan:
        unavailable = 0
        broken: list[Object] = []
        candidates: list[Object] = []
        for pods in by_node.values():
            pair = self._pair(pods)
            if pair is None:
                continue
            new, old = pair
            if (new is None) == (old is None):
                unavailable += 1
            elif new is not None:
                unavailable += not self._available(new)
            elif old is not None and not self._available(old):
                broken.append(old)
                unavailable += 1
            elif old is not None:
                candidates.append(old)
        return Plan(delete=[*broken, *candidates[: max(0, most - unavailable)]])

    def _with_surge(self, by_node: Mapping[str, Sequence[Object]], most: int) -> Plan:
        plan = Plan()
        surging = 0
        broken: list[str] = []
        candidates: list[str] = []
        for node, pods in by_node.items():
            pair = self._pair(pods)
            if pair is None or pair[1] is None:
                continue
            new, old = pair
            assert old is not None
            if new is None:
                (candidates if self._available(old) else broken).append(node)
            elif not self._available(old) or self._available(new):
                plan.delete.append(old)
            else:
                surging += 1
        plan.create = [*broken, *candidates[: max(0, most - surging)]]
        return plan
