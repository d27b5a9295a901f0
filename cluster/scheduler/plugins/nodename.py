"""NodeName and NodeUnschedulable: the node a pod asks for by name, and cordoned nodes."""

from __future__ import annotations

from cluster.machinery.tolerations import tolerates
from cluster.scheduler.framework import Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo

_CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


class NodeName(Plugin):
    name = "NodeName"
    filters = True
    _rejection = Rejection("NodeName", ("node(s) didn't match the requested node name",), final=True)

    def concerns(self, cycle: Cycle) -> bool:
        return bool(cycle.pod.node)

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        return None if cycle.pod.node == node.name else self._rejection


class NodeUnschedulable(Plugin):
    name = "NodeUnschedulable"
    filters = True
    _rejection = Rejection("NodeUnschedulable", ("node(s) were unschedulable",), final=True)

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        if not (node.obj.get("spec") or {}).get("unschedulable"):
            return None
        tolerations = cycle.pod.spec.get("tolerations") or ()
        return None if any(tolerates(each, _CORDON) for each in tolerations) else self._rejection
