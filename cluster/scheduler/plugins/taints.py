"""TaintToleration: nodes that a pod's tolerations open, and those that would rather not have it.

https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
"""

from __future__ import annotations

from cluster.machinery.tolerations import tolerates, untolerated
from cluster.scheduler.framework import Cycle, Plugin, Rejection, scaled_to_hundred
from cluster.scheduler.nodes import NodeInfo


class TaintToleration(Plugin):
    name = "TaintToleration"
    weight = 3
    filters = True
    scores = True
    _rejection = Rejection("TaintToleration", ("node(s) had untolerated taint(s)",), final=True)

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        if not node.taints:
            return None
        found = untolerated(node.taints, cycle.pod.spec.get("tolerations") or (), ("NoSchedule", "NoExecute"))
        return self._rejection if found else None

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        """Scored even without such taints: every node then gets the full hundred, which decides nothing."""
        return any(taint["effect"] == "PreferNoSchedule" for node in nodes for taint in node.taints)

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        soft = [
            each
            for each in cycle.pod.spec.get("tolerations") or ()
            if each.get("effect") in (None, "", "PreferNoSchedule")
        ]
        return sum(
            taint["effect"] == "PreferNoSchedule" and not any(tolerates(each, taint) for each in soft)
            for taint in node.taints
        )

    def normalize(self, cycle: Cycle, scores: dict[str, int]) -> dict[str, int]:
        return scaled_to_hundred(scores, reverse=True)
