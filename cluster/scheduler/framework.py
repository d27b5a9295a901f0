"""The scheduling framework: what a plugin may say, and what a cycle gives it.

https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from cluster.scheduler.nodes import NodeInfo, Nodes
from cluster.scheduler.podinfo import PodInfo
from cluster.store.interface import Store

# What may make a rejected pod fit: the kinds of change a plugin waits for.
NODE_ADDED = "node added"
NODE_CHANGED = "node changed"
POD_BOUND = "pod bound"
POD_GONE = "pod gone"
VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a node does not fit. `final`: evicting pods would not help (UnschedulableAndUnresolvable)."""

    plugin: str
    reasons: tuple[str, ...]
    final: bool = False


@dataclass(slots=True)
class Cycle:
    """One pod's attempt: the nodes, the caches behind them, and notes plugins keep between their points."""

    pod: PodInfo
    nodes: Nodes
    store: Store
    notes: dict[str, Any] = field(default_factory=dict)


class Plugin:
    """A plugin; the default of every point is to have no opinion."""

    name: ClassVar[str]
    weight: ClassVar[int] = 1
    waits_for: ClassVar[frozenset[str]] = frozenset({NODE_ADDED, NODE_CHANGED})
    filters: ClassVar[bool] = False
    scores: ClassVar[bool] = False

    def refuse(self, cycle: Cycle) -> Rejection | None:
        """PreFilter: reject the pod whatever the node."""
        return None

    def restrict(self, cycle: Cycle) -> frozenset[str] | None:
        """PreFilter: the only nodes worth filtering, None when all are."""
        return None

    def concerns(self, cycle: Cycle) -> bool:
        """PreFilter: whether `filter` has anything to say about this pod (else it is skipped)."""
        return self.filters

    def filter(self, cycle: Cycle, node: NodeInfo) -> Rejection | None:
        """Filter: return why the pod cannot run on the node."""
        return None

    def prefers(self, cycle: Cycle, nodes: list[NodeInfo]) -> bool:
        """PreScore: whether `score` has anything to say; the place to count once for all nodes."""
        return self.scores

    def score(self, cycle: Cycle, node: NodeInfo) -> int:
        return 0

    def normalize(self, cycle: Cycle, scores: dict[str, int]) -> dict[str, int]:
        """Bring raw scores to 0 … 100."""
        return scores


def scaled_to_hundred(scores: Mapping[str, int], *, reverse: bool = False) -> dict[str, int]:
    """DefaultNormalizeScore: the highest becomes 100."""
    highest = max(scores.values(), default=0)
    if highest == 0:
        return dict.fromkeys(scores, 100 if reverse else 0)
    return {node: 100 - score * 100 // highest if reverse else score * 100 // highest for node, score in scores.items()}
