"""PodTopologySpread: explicit constraints, and the defaults that spread the pods of one workload.

https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cluster.machinery.labels import Requirement, Selector, from_label_selector, from_map
from cluster.machinery.nodeselector import fits
from cluster.machinery.owners import controller_of
from cluster.machinery.tolerations import untolerated
from cluster.scheduler.framework import NODE_ADDED, NODE_CHANGED, POD_BOUND, POD_GONE, Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo

_OWNERS = {
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}
HOSTNAME = "kubernetes.io/hostname"


@dataclass(frozen=True, slots=True)
class Constraint:
    key: str
    max_skew: int
    selector: Selector
    min_domains: int = 1
    honor_affinity: bool = True
    honor_taints: bool = False


def _constraints(cycle: Cycle, action: str) -> list[Constraint]:
    given = cycle.pod.spec.get("topologySpreadConstraints")
    if given:
        return [_read(cycle, each) for each in given if each["whenUnsatisfiable"] == action]
    if action == "DoNotSchedule":
        return []
    selector = _default_selector(cycle)
    if selector is None:
        return []
    return [Constraint(HOSTNAME, 3, selector), Constraint("topology.kubernetes.io/zone", 5, selector)]


def _read(cycle: Cycle, given: dict[str, Any]) -> Constraint:
    selector = from_label_selector(given.get("labelSelector"))
    extra = [
        Requirement(key, "=", (cycle.pod.labels[key],))
        for key in given.get("matchLabelKeys") or ()
        if key in cycle.pod.labels
    ]
    if extra and not selector.nothing:
        selector = Selector((*selector.requirements, *extra))
    return Constraint(
        given["topologyKey"],
        given["maxSkew"],
        selector,
        given.get("minDomains") or 1,
        given.get("nodeAffinityPolicy", "Honor") == "Honor",
        given.get("nodeTaintsPolicy", "Ignore") == "Honor",
    )


def _default_selector(cycle: Cycle) -> Selector | None:
    """Return what the pod's Services and its controller select; None when nothing does."""
    pod = cycle.pod
    merged: dict[str, str] = {}
    for service in cycle.store.list("services", pod.namespace):
        chosen = service["spec"].get("selector")
        if chosen and all(pod.labels.get(key) == value for key, value in chosen.items()):
            merged.update(chosen)
    requirements: list[Requirement] = []
    owner = controller_of(pod.obj)
    if owner is not None and owner["kind"] in _OWNERS:
        found = cycle.store.get(_OWNERS[owner["kind"]], pod.namespace, owner["name"])
        selector = (found or {}).get("spec", {}).get("selector") or {}
        if owner["kind"] == "ReplicationController":
            merged.update(selector)
        else:
            requirements = list(from_label_selector(selector).requirements)
    requirements = [*from_map(merged).requirements, *requirements]
    return Selector(tuple(requirements)) if requirements else None


def _is_counted(cycle: Cycle, node: NodeInfo, constraint: Constraint) -> bool:
    spec = cycle.pod.spec
    if constraint.honor_affinity and not fits(spec, node.labels, node.name):
        return False
    if constraint.honor_taints:
        tolerations = spec.get("tolerations") or ()
        return untolerated(node.taints, tolerations, ("NoSchedule", "NoExecute")) is None
    return True


class PodTopologySpread(Plugin):
    name = "PodTopologySpread"
    weight = 2
    filters = True
    scores = True
    waits_for = frozenset({NODE_ADDED, NODE_CHANGED, POD_BOUND, POD_GONE})
    _skewed = Rejection("PodTopologySpread", ("node(s) didn't match pod topology spread constraints",))
    _unlabelled = Rejection(
        "PodTopologySpread",
        ("node(s) didn't match pod topology spread constraints (missing required label)",),
        final=True,
    )

    def concerns(self, cycle: Cycle) -> bool:
        constraints = _constraints(cycle, "DoNotSchedule")
        cycle.notes[self.name] = [(each, self._domains(cycle, each, constraints)) for each in constraints]
        return bool(constraints)

    def _domains(self, cycle: Cycle, constraint: Constraint, all_of: list[Constraint]) -> dict[str, int]:
        """Count matching pods by domain, over the nodes that take part."""
        counts = cycle.nodes.tally(cycle.pod.namespace, constraint.selector)
        domains: dict[str, int] = {}
        for node in cycle.nodes:
            if any(each.key not in node.labels for each in all_of) or not _is_counted(cycle, node, constraint):
                continue
            domain = node.labels[constraint.key]
            domains[domain] = domains.get(domain, 0) + counts.get(node.name, 0)
        return domains

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        for constraint, domains in cycle.notes[self.name]:
            domain = node.labels.get(constraint.key)
            if domain is None:
                return self._unlabelled
            lowest = 0 if len(domains) < constraint.min_domains else min(domains.values(), default=0)
            itself = 1 if constraint.selector.matches(cycle.pod.labels) else 0
            if domains.get(domain, 0) + itself - lowest > constraint.max_skew:
                return self._skewed
        return None

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        constraints = _constraints(cycle, "ScheduleAnyway")
        if not constraints:
            return False
        explicit = bool(cycle.pod.spec.get("topologySpreadConstraints"))
        plans = [self._weigh(cycle, each, nodes, explicit=explicit) for each in constraints]
        cycle.notes[f"{self.name}/score"] = (explicit, plans)
        return True

    def _weigh(
        self, cycle: Cycle, constraint: Constraint, nodes: list[NodeInfo], *, explicit: bool
    ) -> tuple[Constraint, dict[str, int], float]:
        by_node = cycle.nodes.tally(cycle.pod.namespace, constraint.selector)
        if constraint.key == HOSTNAME:
            counts = {node.labels[HOSTNAME]: by_node.get(node.name, 0) for node in nodes if HOSTNAME in node.labels}
            return constraint, counts, math.log(len(nodes) + 2)
        domains: dict[str, int] = {}
        for node in nodes:
            if constraint.key in node.labels:
                domains.setdefault(node.labels[constraint.key], 0)
        for node in cycle.nodes:
            domain = node.labels.get(constraint.key)
            if domain in domains and _is_counted(cycle, node, constraint):
                domains[domain] += by_node.get(node.name, 0)
        return constraint, domains, math.log(len(domains) + 2)

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        explicit, plans = cycle.notes[f"{self.name}/score"]
        if explicit and any(constraint.key not in node.labels for constraint, _, _ in plans):
            return -1
        total = 0.0
        for constraint, counts, weight in plans:
            domain = node.labels.get(constraint.key)
            if domain is not None:
                total += counts.get(domain, 0) * weight + (constraint.max_skew - 1)
        return round(total)

    def normalize(self, cycle: Cycle, scores: dict[str, int]) -> dict[str, int]:
        """Fewer is better; nodes without the label get nothing (-1 marks them)."""
        counted = [score for score in scores.values() if score >= 0]
        lowest, highest = min(counted, default=0), max(counted, default=0)
        return {node: _inverted(score, lowest, highest) for node, score in scores.items()}


def _inverted(score: int, lowest: int, highest: int) -> int:
    if score < 0:
        return 0
    return 100 if highest == 0 else 100 * (highest + lowest - score) // highest
