"""DefaultPreemption: which less important pods would have to go so that a pod fits.

https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
Left out: sampling of candidate nodes; every node is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cluster.machinery.conditions import of
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, namespace
from cluster.scheduler.cycle import first_rejection
from cluster.scheduler.decision import Decision, listed
from cluster.scheduler.framework import Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo
from cluster.scheduler.plugins.registry import PLUGINS
from cluster.scheduler.podinfo import PodInfo, start_time

PREFIX = "no new claims to deallocate, preemption: "
_NOT_HELPFUL = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(slots=True)
class Candidate:
    """A node that would do, with its victims, the most important first."""

    node: str
    victims: list[PodInfo]
    violations: int

    def rank(self) -> tuple[object, ...]:
        """Order: fewest broken budgets, least important victims, fewest victims."""
        priorities = [each.priority for each in self.victims]
        return (self.violations, max(priorities), sum(each + 2**31 for each in priorities), len(priorities))


def preempt(cycle: Cycle, decision: Decision, plugins: Sequence[Plugin] = PLUGINS) -> Candidate | None:
    """Return whom to evict where; else say in the decision why preemption does not help."""
    if decision.refusal is not None:
        return None
    reason = _ineligible(cycle)
    if reason:
        decision.preemption = f"{PREFIX}{reason}"
        return None
    verdicts: dict[str, Rejection] = {}
    candidates = []
    for node in cycle.nodes:
        found = _try(cycle, node, decision.rejections[node.name], plugins)
        if isinstance(found, Candidate):
            candidates.append(found)
        else:
            verdicts[node.name] = found
    if not candidates:
        decision.preemption = f"{PREFIX}0/{decision.total} nodes are available: {listed(verdicts)}."
        return None
    return _best(candidates)


def _ineligible(cycle: Cycle) -> str:
    if cycle.pod.spec.get("preemptionPolicy") == "Never":
        return "not eligible due to preemptionPolicy=Never."
    nominated = (cycle.pod.obj.get("status") or {}).get("nominatedNodeName")
    node = cycle.nodes.get(nominated) if nominated else None
    for other in node.pods.values() if node is not None else ():
        if other.priority < cycle.pod.priority and _is_preempted(other.obj):
            return "not eligible due to a terminating pod on the nominated node."
    return ""


def _is_preempted(pod: Object) -> bool:
    condition = of(pod, "DisruptionTarget")
    return is_deleting(pod) and condition is not None and condition["reason"] == "PreemptionByScheduler"


def _try(cycle: Cycle, node: NodeInfo, rejection: Rejection, plugins: Sequence[Plugin]) -> Candidate | Rejection:
    if rejection.final:
        return Rejection("DefaultPreemption", (_NOT_HELPFUL,), final=True)
    lesser = [each for each in node.pods.values() if each.priority < cycle.pod.priority]
    if not lesser:
        return Rejection("DefaultPreemption", (_NO_VICTIMS,), final=True)
    trial = Trial(cycle, node, plugins)
    for each in lesser:
        trial.remove(each)
    left = trial.rejection()
    if left is not None:
        return left
    return _reprieve(trial, lesser)


class Trial:
    """A node with pods taken away, and the filters that look at it."""

    def __init__(self, cycle: Cycle, node: NodeInfo, plugins: Sequence[Plugin]):
        self.cycle = cycle
        self.node = node.copy()
        self._plugins = plugins
        self._origin = node
        self._gone: dict[str, PodInfo] = {}

    def remove(self, info: PodInfo) -> None:
        self.node.remove(info.uid)
        self._gone[info.uid] = info

    def restore(self, info: PodInfo) -> None:
        self.node.add(info)
        self._gone.pop(info.uid, None)

    def rejection(self) -> Rejection | None:
        """Filter with the caches as if the pods were gone, so that affinity and spreading see it too."""
        nodes = self.cycle.nodes
        for each in self._gone.values():
            nodes.remove_pod(each.uid)
        try:
            fresh = Cycle(self.cycle.pod, nodes, self.cycle.store, dict(self.cycle.notes))
            filters = [plugin for plugin in self._plugins if plugin.filters and plugin.concerns(fresh)]
            return first_rejection(fresh, filters, self.node)
        finally:
            for each in self._gone.values():
                nodes.add_pod(each)


def _reprieve(trial: Trial, lesser: list[PodInfo]) -> Candidate:
    """Give back every pod that need not go, protected and important ones first."""
    protected = _protected(trial.cycle, lesser)
    latest_first = lesser[::-1]
    ordered = sorted(latest_first, key=lambda each: (-each.priority, start_time(each.obj)))
    victims, violations = [], 0
    for each in [
        *(one for one in ordered if one.uid in protected),
        *(one for one in ordered if one.uid not in protected),
    ]:
        trial.restore(each)
        if trial.rejection() is not None:
            trial.remove(each)
            victims.append(each)
            violations += each.uid in protected
    victims.sort(key=lambda each: (-each.priority, start_time(each.obj)))
    return Candidate(trial.node.name, victims, violations)


def _protected(cycle: Cycle, pods: list[PodInfo]) -> set[str]:
    """Return the pods whose eviction would break a PodDisruptionBudget."""
    allowed: dict[str, int] = {}
    found = set()
    for info in pods:
        for budget in cycle.store.list("poddisruptionbudgets.policy", info.namespace):
            if not from_label_selector(budget["spec"].get("selector")).matches(labels(info.obj)):
                continue
            key = f"{namespace(budget)}/{budget['metadata']['name']}"
            left = allowed.setdefault(key, (budget.get("status") or {}).get("disruptionsAllowed", 0))
            allowed[key] = left - 1
            if left <= 0:
                found.add(info.uid)
    return found


def _best(candidates: list[Candidate]) -> Candidate:
    best = min(each.rank() for each in candidates)
    equal = [each for each in candidates if each.rank() == best]
    return max(
        equal,
        key=lambda each: min(start_time(one.obj) for one in each.victims if one.priority == each.victims[0].priority),
    )
