"""NodePorts: host ports that are free."""

from __future__ import annotations

from cluster.scheduler.framework import NODE_ADDED, POD_GONE, Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo
from cluster.scheduler.podinfo import Port

_ANY = "0.0.0.0"


def clash(one: Port, other: Port) -> bool:
    return one[1:] == other[1:] and (one[0] == other[0] or _ANY in (one[0], other[0]))


class NodePorts(Plugin):
    name = "NodePorts"
    filters = True
    waits_for = frozenset({NODE_ADDED, POD_GONE})
    _rejection = Rejection("NodePorts", ("node(s) didn't have free ports for the requested pod ports",))

    def concerns(self, cycle: Cycle) -> bool:
        return bool(cycle.pod.ports)

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        taken = any(clash(wanted, used) for wanted in cycle.pod.ports for used in node.ports)
        return self._rejection if taken else None
