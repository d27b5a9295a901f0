"""The scheduler's cache: every node with what its pods use, kept up to date write by write.

Nothing here is ever recomputed over all pods: a bound or deleted pod changes its node's sums, and
the tallies of those label selectors that plugins have asked about.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cluster.machinery.labels import Selector
from cluster.machinery.meta import Object, is_deleting, labels, name
from cluster.scheduler.podinfo import PodInfo, Port, Resources, amount

TALLIES = 128


@dataclass(slots=True)
class NodeInfo:
    name: str
    obj: Object
    labels: dict[str, str] = field(default_factory=dict)
    taints: tuple[dict[str, Any], ...] = ()
    allocatable: Resources = field(default_factory=dict)
    requested: Resources = field(default_factory=dict)
    scored_cpu: int = 0
    scored_memory: int = 0
    pods: dict[str, PodInfo] = field(default_factory=dict)
    ports: dict[Port, int] = field(default_factory=dict)
    with_affinity: dict[str, PodInfo] = field(default_factory=dict)  # any pod (anti-)affinity terms
    with_anti_affinity: dict[str, PodInfo] = field(default_factory=dict)  # required ones
    images: dict[str, int] = field(default_factory=dict)

    def read(self, obj: Object) -> None:
        """Take over what the Node object says."""
        status = obj.get("status") or {}
        self.obj = obj
        self.labels = labels(obj)
        self.taints = tuple((obj.get("spec") or {}).get("taints") or ())
        given = status.get("allocatable") or status.get("capacity") or {}
        self.allocatable = {resource: amount(resource, str(value)) for resource, value in given.items()}
        self.images = {
            each: image.get("sizeBytes", 0) for image in status.get("images") or () for each in image.get("names") or ()
        }

    def add(self, info: PodInfo) -> None:
        self.pods[info.uid] = info
        self._account(info, 1)
        if info.affinity or info.anti_affinity or info.preferred:
            self.with_affinity[info.uid] = info
        if info.anti_affinity:
            self.with_anti_affinity[info.uid] = info

    def remove(self, key: str) -> PodInfo | None:
        info = self.pods.pop(key, None)
        if info is not None:
            self._account(info, -1)
            self.with_affinity.pop(key, None)
            self.with_anti_affinity.pop(key, None)
        return info

    def _account(self, info: PodInfo, sign: int) -> None:
        for resource, value in info.requests.items():
            self.requested[resource] = self.requested.get(resource, 0) + sign * value
        self.scored_cpu += sign * info.scored_cpu
        self.scored_memory += sign * info.scored_memory
        for port in info.ports:
            self.ports[port] = self.ports.get(port, 0) + sign
            if not self.ports[port]:
                del self.ports[port]

    def copy(self) -> NodeInfo:
        """Return a node of the same pods, to try changes on."""
        twin = NodeInfo(self.name, self.obj, self.labels, self.taints, self.allocatable)
        twin.requested, twin.ports, twin.pods = dict(self.requested), dict(self.ports), dict(self.pods)
        twin.scored_cpu, twin.scored_memory, twin.images = self.scored_cpu, self.scored_memory, self.images
        twin.with_affinity, twin.with_anti_affinity = dict(self.with_affinity), dict(self.with_anti_affinity)
        return twin


@dataclass(slots=True)
class Tally:
    """How many living pods of one namespace match a selector, by node."""

    selector: Selector
    counts: dict[str, int] = field(default_factory=dict)


class Nodes:
    """All nodes in name order, with the pods bound to them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._nodes: dict[str, NodeInfo] = {}
        self._where: dict[str, str] = {}  # pod uid -> node
        self._ordered: list[NodeInfo] | None = None
        self._tallies: OrderedDict[tuple[str, Selector], Tally] = OrderedDict()
        self._by_space: dict[str, dict[Selector, Tally]] = {}

    def __iter__(self) -> Iterator[NodeInfo]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def all(self) -> list[NodeInfo]:
        """Return the nodes that exist, in name order."""
        if self._ordered is None:
            self._ordered = sorted((each for each in self._nodes.values() if each.obj), key=lambda each: each.name)
        return self._ordered

    def get(self, each: str) -> NodeInfo | None:
        found = self._nodes.get(each)
        return found if found is not None and found.obj else None

    def set_node(self, obj: Object) -> None:
        info = self._nodes.get(name(obj))
        if info is None or not info.obj:
            self._ordered = None
        if info is None:
            info = self._nodes[name(obj)] = NodeInfo(name(obj), obj)
        info.read(obj)

    def drop_node(self, each: str) -> None:
        """Forget the node; pods that are still bound to it keep their place, should it come back."""
        info = self._nodes.get(each)
        if info is not None:
            info.obj = {}
            self._ordered = None

    def add_pod(self, info: PodInfo) -> None:
        """Account a pod on its node; a changed pod replaces its former self."""
        self.remove_pod(info.uid)
        node = self._nodes.get(info.node)
        if node is None:
            node = self._nodes[info.node] = NodeInfo(info.node, {})
        node.add(info)
        self._where[info.uid] = info.node
        self._count(info, 1)

    def remove_pod(self, uid: str) -> bool:
        where = self._where.pop(uid, None)
        if where is None:
            return False
        info = self._nodes[where].remove(uid)
        if info is not None:
            self._count(info, -1)
        return True

    def holds(self, uid: str) -> PodInfo | None:
        where = self._where.get(uid)
        return self._nodes[where].pods.get(uid) if where is not None else None

    def _count(self, info: PodInfo, sign: int) -> None:
        tallies = self._by_space.get(info.namespace)
        if not tallies or is_deleting(info.obj):
            return
        for tally in tallies.values():
            if tally.selector.matches(info.labels):
                tally.counts[info.node] = tally.counts.get(info.node, 0) + sign

    def tally(self, space: str, selector: Selector) -> dict[str, int]:
        """Return node name → pods that match, counted once and then kept up to date."""
        known = self._tallies.get((space, selector))
        if known is None:
            known = self._new_tally(space, selector)
        self._tallies.move_to_end((space, selector))
        return known.counts

    def _new_tally(self, space: str, selector: Selector) -> Tally:
        tally = Tally(selector)
        for node in self._nodes.values():
            count = sum(
                info.namespace == space and not is_deleting(info.obj) and selector.matches(info.labels)
                for info in node.pods.values()
            )
            if count:
                tally.counts[node.name] = count
        self._tallies[(space, selector)] = tally
        self._by_space.setdefault(space, {})[selector] = tally
        if len(self._tallies) > TALLIES:
            (old_space, old), _ = self._tallies.popitem(last=False)
            del self._by_space[old_space][old]
        return tally

    def pods(self) -> Iterable[PodInfo]:
        for node in self.all():
            yield from node.pods.values()
