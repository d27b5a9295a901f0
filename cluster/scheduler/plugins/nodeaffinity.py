"""NodeAffinity: nodeSelector, required and preferred node affinity.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from typing import Any

from cluster.machinery.nodeselector import fits, matches_term
from cluster.scheduler.framework import Cycle, Plugin, Rejection, scaled_to_hundred
from cluster.scheduler.nodes import NodeInfo

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class NodeAffinity(Plugin):
    name = "NodeAffinity"
    weight = 2
    filters = True
    scores = True
    _rejection = Rejection("NodeAffinity", ("node(s) didn't match Pod's node affinity/selector",), final=True)

    def restrict(self, cycle: Cycle) -> frozenset[str] | None:
        """Terms that all name their node (daemon pods) leave only those nodes."""
        affinity = (cycle.pod.spec.get("affinity") or {}).get("nodeAffinity") or {}
        terms = (affinity.get(_REQUIRED) or {}).get("nodeSelectorTerms")
        if not terms:
            return None
        named: set[str] = set()
        for term in terms:
            fields = [each for each in term.get("matchFields") or () if each["operator"] == "In"]
            if not fields:
                return None
            named.update(each for field in fields for each in field["values"])
        return frozenset(named)

    def concerns(self, cycle: Cycle) -> bool:
        spec = cycle.pod.spec
        return bool(spec.get("nodeSelector") or (spec.get("affinity") or {}).get("nodeAffinity"))

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        return None if fits(cycle.pod.spec, node.labels, node.name) else self._rejection

    def _preferences(self, cycle: Cycle) -> list[dict[str, Any]]:
        affinity = (cycle.pod.spec.get("affinity") or {}).get("nodeAffinity") or {}
        return affinity.get(_PREFERRED) or []

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        return bool(self._preferences(cycle))

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        return sum(
            each["weight"]
            for each in self._preferences(cycle)
            if matches_term(node.labels, node.name, each["preference"])
        )

    def normalize(self, cycle: Cycle, scores: dict[str, int]) -> dict[str, int]:
        return scaled_to_hundred(scores)
