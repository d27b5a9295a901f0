"""NodeResourcesFit (LeastAllocated) and NodeResourcesBalancedAllocation.

https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
"""

from __future__ import annotations

from cluster.scheduler.framework import NODE_ADDED, NODE_CHANGED, POD_GONE, Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo
from cluster.scheduler.podinfo import is_best_effort


class NodeResourcesFit(Plugin):
    name = "NodeResourcesFit"
    filters = True
    scores = True
    waits_for = frozenset({NODE_ADDED, NODE_CHANGED, POD_GONE})

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        allocatable, requested = node.allocatable, node.requested
        reasons = []
        final = False
        if len(node.pods) + 1 > allocatable.get("pods", 0):
            reasons.append("Too many pods")
        for resource, wanted in cycle.pod.requests.items():
            if wanted and wanted > allocatable.get(resource, 0) - requested.get(resource, 0):
                reasons.append(f"Insufficient {resource}")
                final = final or wanted > allocatable.get(resource, 0)
        return Rejection(self.name, tuple(reasons), final) if reasons else None

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        cpu = _free(node.allocatable.get("cpu", 0), node.scored_cpu + cycle.pod.scored_cpu)
        memory = _free(node.allocatable.get("memory", 0), node.scored_memory + cycle.pod.scored_memory)
        return (cpu + memory) // 2


def _free(capacity: int, requested: int) -> int:
    return 0 if capacity <= 0 or requested > capacity else (capacity - requested) * 100 // capacity


class BalancedAllocation(Plugin):
    name = "NodeResourcesBalancedAllocation"
    scores = True

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        return not is_best_effort(cycle.pod)

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        fractions = []
        for resource in ("cpu", "memory"):
            capacity = node.allocatable.get(resource, 0)
            if capacity:
                used = node.requested.get(resource, 0) + cycle.pod.requests.get(resource, 0)
                fractions.append(min(1.0, used / capacity))
        spread = abs(fractions[0] - fractions[1]) / 2 if len(fractions) == 2 else 0.0
        return int((1 - spread) * 100)
