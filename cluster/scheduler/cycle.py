"""One scheduling cycle: filter all nodes, score those that fit, choose one. Pure but for the store it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cluster.machinery.ids import Ids
from cluster.scheduler.decision import Decision
from cluster.scheduler.framework import Cycle, Plugin, Rejection
from cluster.scheduler.nodes import NodeInfo
from cluster.scheduler.plugins.registry import PLUGINS
from cluster.scheduler.podinfo import PodInfo


@dataclass
class Nominations:
    """Pods that preempted others and wait for their node to be free, by node."""

    by_node: dict[str, dict[str, PodInfo]] = field(default_factory=dict)
    _where: dict[str, str] = field(default_factory=dict)

    def add(self, info: PodInfo, node: str) -> None:
        self.drop(info.uid)
        self.by_node.setdefault(node, {})[info.uid] = info
        self._where[info.uid] = node

    def drop(self, uid: str) -> None:
        node = self._where.pop(uid, None)
        if node is not None:
            self.by_node[node].pop(uid, None)
            if not self.by_node[node]:
                del self.by_node[node]

    def ahead_of(self, pod: PodInfo, node: str) -> list[PodInfo]:
        """Return those of at least equal priority that this pod must leave room for."""
        waiting = self.by_node.get(node)
        if not waiting:
            return []
        return [each for each in waiting.values() if each.priority >= pod.priority and each.uid != pod.uid]


def decide(
    cycle: Cycle, nominations: Nominations, ids: Ids, now: float, plugins: Sequence[Plugin] = PLUGINS
) -> Decision:
    """Return the decision; nothing is written."""
    decision = Decision(cycle.pod.key, now, len(cycle.nodes))
    for plugin in plugins:
        decision.refusal = plugin.refuse(cycle)
        if decision.refusal is not None:
            return decision
    feasible = filtered(cycle, nominations, decision, plugins)
    if feasible:
        decision.node = _choose(cycle, feasible, decision, ids, plugins)
    return decision


def filtered(
    cycle: Cycle, nominations: Nominations, decision: Decision, plugins: Sequence[Plugin] = PLUGINS
) -> list[NodeInfo]:
    filters = [plugin for plugin in plugins if plugin.filters and plugin.concerns(cycle)]
    restricted = _restrict(cycle, decision, plugins)
    feasible = []
    for node in restricted:
        rejection = _judge(cycle, filters, node, nominations)
        if rejection is None:
            feasible.append(node)
        else:
            decision.rejections[node.name] = rejection
    return feasible


def _restrict(cycle: Cycle, decision: Decision, plugins: Sequence[Plugin]) -> Sequence[NodeInfo]:
    """Return the nodes worth filtering; the others are rejected in the name of the plugin that said so."""
    for plugin in plugins:
        named = plugin.restrict(cycle)
        if named is not None:
            outside = Rejection(plugin.name, (f"node(s) didn't satisfy plugin(s) [{plugin.name}]",), final=True)
            for node in cycle.nodes:
                if node.name not in named:
                    decision.rejections[node.name] = outside
            return [node for node in cycle.nodes if node.name in named]
    return cycle.nodes.all()


def _judge(cycle: Cycle, filters: Sequence[Plugin], node: NodeInfo, nominations: Nominations) -> Rejection | None:
    """A node must fit with the nominated pods on it, and also without them."""
    ahead = nominations.ahead_of(cycle.pod, node.name)
    if ahead:
        crowded = node.copy()
        for each in ahead:
            crowded.add(each)
        rejection = first_rejection(cycle, filters, crowded)
        if rejection is not None:
            return rejection
    return first_rejection(cycle, filters, node)


def first_rejection(cycle: Cycle, filters: Sequence[Plugin], node: NodeInfo) -> Rejection | None:
    for plugin in filters:
        rejection = plugin.filter(cycle, node)
        if rejection is not None:
            return rejection
    return None


def _choose(cycle: Cycle, feasible: list[NodeInfo], decision: Decision, ids: Ids, plugins: Sequence[Plugin]) -> str:
    """Return the node of the highest score; among equals chance decides."""
    scores = decision.scores
    for node in feasible:
        scores[node.name] = {}
    if len(feasible) == 1:
        return feasible[0].name
    for plugin in plugins:
        if plugin.scores and plugin.prefers(cycle, feasible):
            raw = {node.name: plugin.score(cycle, node) for node in feasible}
            for node_name, score in plugin.normalize(cycle, raw).items():
                scores[node_name][plugin.name] = score * plugin.weight
    totals = decision.totals()
    best = max(totals.values())
    return ids.choose([node for node, total in totals.items() if total == best], "schedule", cycle.pod.uid)
