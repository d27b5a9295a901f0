"""InterPodAffinity: pods that want to be near, or away from, other pods.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from cluster.machinery.meta import labels, name
from cluster.scheduler.framework import NODE_ADDED, NODE_CHANGED, POD_BOUND, POD_GONE, Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo
from cluster.scheduler.podinfo import PodInfo, Term

Domain = tuple[str, str]


class InterPodAffinity(Plugin):
    name = "InterPodAffinity"
    weight = 2
    filters = True
    scores = True
    waits_for = frozenset({NODE_ADDED, NODE_CHANGED, POD_BOUND, POD_GONE})
    _attract = Rejection("InterPodAffinity", ("node(s) didn't match pod affinity rules",), final=True)
    _repel = Rejection("InterPodAffinity", ("node(s) didn't match pod anti-affinity rules",))
    _existing = Rejection("InterPodAffinity", ("node(s) didn't satisfy existing pods anti-affinity rules",))

    def concerns(self, cycle: Cycle) -> bool:
        repelled = set(self._repelled_by_existing(cycle))
        pod = cycle.pod
        if not repelled and not pod.affinity and not pod.anti_affinity:
            return False
        near = [_domains(cycle, [term]) for term in pod.affinity]
        cycle.notes[self.name] = (repelled, near, [_domains(cycle, [term]) for term in pod.anti_affinity])
        return True

    def _repelled_by_existing(self, cycle: Cycle) -> Iterator[Domain]:
        """Yield the domains whose pods want no pod like this one."""
        pod = cycle.pod
        for node in cycle.nodes:
            for other in node.with_anti_affinity.values():
                for term in other.anti_affinity:
                    if _matches(cycle, term, pod) and term.key in node.labels:
                        yield term.key, node.labels[term.key]

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        repelled, near, away = cycle.notes[self.name]
        pod = cycle.pod
        if pod.affinity and not self._is_near(cycle, node, near):
            return self._attract
        for term, domains in zip(pod.anti_affinity, away, strict=True):
            if term.key in node.labels and domains.get((term.key, node.labels[term.key]), 0) > 0:
                return self._repel
        if any(node.labels.get(key) == value for key, value in repelled):
            return self._existing
        return None

    def _is_near(self, cycle: Cycle, node: NodeInfo, near: list[Counter[Domain]]) -> bool:
        terms = cycle.pod.affinity
        if any(term.key not in node.labels for term in terms):
            return False
        if all(
            domains.get((term.key, node.labels[term.key]), 0) > 0 for term, domains in zip(terms, near, strict=True)
        ):
            return True
        # The first pod of a group that wants to be near its own kind may go anywhere.
        return not any(near) and all(_matches(cycle, term, cycle.pod) for term in terms)

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        weights: Counter[Domain] = Counter()
        for term in cycle.pod.preferred:
            for domain, count in _domains(cycle, [term]).items():
                weights[domain] += term.weight * count
        for node in cycle.nodes:
            for other in node.with_affinity.values():
                _weigh(cycle, node, other, weights)
        cycle.notes[f"{self.name}/score"] = weights
        return bool(weights)

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        weights: Counter[Domain] = cycle.notes[f"{self.name}/score"]
        return sum(weight for (key, value), weight in weights.items() if node.labels.get(key) == value)

    def normalize(self, cycle: Cycle, scores: dict[str, int]) -> dict[str, int]:
        lowest, highest = min(scores.values()), max(scores.values())
        span = highest - lowest
        return {node: int(100 * (score - lowest) / span) if span else 0 for node, score in scores.items()}


def _weigh(cycle: Cycle, node: NodeInfo, other: PodInfo, weights: Counter[Domain]) -> None:
    """Add what an existing pod's own preferences say about the incoming one (required affinity weighs 1)."""
    for term in (*other.preferred, *other.affinity):
        if term.key in node.labels and _matches(cycle, term, cycle.pod):
            weights[term.key, node.labels[term.key]] += term.weight or 1


def _matches(cycle: Cycle, term: Term, pod: PodInfo) -> bool:
    return term.selector.matches(pod.labels) and term.covers(pod.namespace, _space_labels(cycle, pod.namespace))


def _space_labels(cycle: Cycle, space: str) -> dict[str, str]:
    found = cycle.store.get("namespaces", "", space)
    return labels(found) if found is not None else {}


def _domains(cycle: Cycle, terms: list[Term]) -> Counter[Domain]:
    """Count the pods that match, by topology domain."""
    found: Counter[Domain] = Counter()
    for term in terms:
        for space in _spaces(cycle, term):
            counts = cycle.nodes.tally(space, term.selector)
            for each, count in counts.items():
                node = cycle.nodes.get(each)
                if count and node is not None and term.key in node.labels:
                    found[term.key, node.labels[term.key]] += count
    return found


def _spaces(cycle: Cycle, term: Term) -> set[str]:
    spaces = set(term.namespaces)
    if term.namespace_selector is not None:
        for space in cycle.store.list("namespaces"):
            if term.namespace_selector.matches(labels(space)):
                spaces.add(name(space))
    return spaces
