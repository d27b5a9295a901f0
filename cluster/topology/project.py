"""The projection of a lab to one view's graph, kept current revision by revision.

A projection holds no objects: of each it keeps the node, the edges it names, and the facts that
relations compare, so that one changed pod among thousands costs one pod's work.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cluster.machinery.meta import Object, labels, namespace
from cluster.store.interface import Revision, Store
from cluster.topology.diff import PARTS, is_empty
from cluster.topology.faces import face, machine
from cluster.topology.graph import WAITING, Graph, Item, id_of, node_id
from cluster.topology.links import Links
from cluster.topology.requests import NOTHING, Amounts, requested, room
from cluster.topology.views import VIEWS, View

SLICES = "endpointslices.discovery.k8s.io"


def project(store: Store, view: str) -> Graph:
    """Return the graph of `view` for the store's present."""
    return Projection(store, view).graph


class Projection:
    """One view of one lab. Feed it every revision after the store's at construction; take its patches."""

    def __init__(self, store: Store, view: str):
        self.view: View = VIEWS[view]
        self.revision = store.revision
        self.graph = Graph()
        self._nodes: dict[str, Item] = {}
        self._more: dict[str, dict[str, Any]] = defaultdict(dict)
        self._groups: dict[str, Item] = {}
        self._links = Links(self.view)
        self._pods: dict[str, tuple[str, Amounts]] = {}
        self._sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._slices: dict[str, dict[str, int]] = defaultdict(dict)
        self._dirty: set[str] = set()
        for resource in self._watched():
            for obj in store.list(resource):
                self._put(resource, obj)
        self.take_patch()

    def _watched(self) -> tuple[str, ...]:
        more = (SLICES,) if "services" in self.view.resources else ()
        return (*self.view.resources, *more, "events")

    def observe(self, revision: Revision) -> None:
        """Take note of one write."""
        self.revision = revision.number
        if revision.resource not in self._watched():
            return
        if revision.verb == "DELETED":
            self._remove(revision.resource, revision.object)
        else:
            self._put(revision.resource, revision.object)

    def take_patch(self) -> dict[str, Any] | None:
        """Return what changed since the last one (`upsert`, `remove`), or None."""
        patch: dict[str, Any] = {"upsert": {part: [] for part in PARTS}, "remove": {part: [] for part in PARTS}}
        lines, ends = self._links.take_changed()
        for key in sorted(self._dirty | (ends if self.view.linked else set())):
            if self._show(patch, "nodes", key, self._shown(key)):
                lines |= self._links.touching[key]
            self._show(patch, "groups", key, self._group(key))
        for line in sorted(lines):
            self._show(patch, "edges", line, self._edge(line))
        self._dirty.clear()
        return None if is_empty(patch) else patch

    def _show(self, patch: dict[str, Any], part: str, key: str, item: Item | None) -> bool:
        """Bring one item of the shown graph up to date; say whether it appeared or went."""
        shown: dict[str, Item] = getattr(self.graph, part)
        old = shown.get(key)
        if item is None:
            if shown.pop(key, None):
                patch["remove"][part].append(key)
        elif old != item:
            shown[key] = item
            patch["upsert"][part].append(item)
        return (old is None) != (item is None)

    # -- taking objects in

    def _put(self, resource: str, obj: Object) -> None:
        special = {SLICES: self._put_slice, "events": self._put_event, "nodes": self._put_machine}.get(resource)
        if special is not None:
            special(obj)
            return
        key = id_of(resource, obj)
        if key not in self._nodes and self.view.linked:
            self._dirty |= self._links.neighbours(key)
        self._nodes[key] = face(resource, obj)
        self._links.put(resource, key, obj)
        self._dirty.add(key)
        if resource == "pods" and "nodes" in self.view.resources:
            self._weigh(key, self._nodes[key].get("group", WAITING), requested(obj))

    def _remove(self, resource: str, obj: Object) -> None:
        key = id_of(resource, obj)
        if resource == SLICES:
            self._slices[_service_of(obj)].pop(key, None)
            self._count_endpoints(_service_of(obj))
            return
        self._dirty.add(key)
        self._dirty |= self._links.neighbours(key) if self.view.linked else set()
        self._nodes.pop(key, None)
        self._groups.pop(key, None)
        self._more.pop(key, None)
        self._links.drop(key)
        self._weigh(key, "", NOTHING)

    def _put_machine(self, node: Object) -> None:
        item = machine(node)
        self._groups[item["id"]] = item
        self._dirty.add(item["id"])

    def _put_slice(self, slice_: Object) -> None:
        ready = [each for each in slice_.get("endpoints") or () if (each.get("conditions") or {}).get("ready", True)]
        service = _service_of(slice_)
        self._slices[service][id_of(SLICES, slice_)] = len(ready)
        self._count_endpoints(service)

    def _count_endpoints(self, service: str) -> None:
        self._more[service]["endpoints"] = sum(self._slices[service].values())
        self._dirty.add(service)

    def _put_event(self, event: Object) -> None:
        about = event.get("involvedObject") or event.get("regarding") or {}
        if about.get("kind") != "Pod" or event.get("reason") != "Unhealthy":
            return
        key = node_id("pods", str(about.get("namespace", "")), str(about.get("name")))
        if key in self._nodes:
            self._more[key]["strikes"] = int(event.get("count") or 1)
            self._dirty.add(key)

    def _weigh(self, pod: str, group: str, amounts: Amounts) -> None:
        was, old = self._pods.pop(pod, ("", NOTHING))
        for where, (cpu, memory), sign in ((was, old, -1), (group, amounts, 1)):
            if where:
                total = self._sums[where]
                total[0] += sign * cpu
                total[1] += sign * memory
                total[2] += sign
                self._dirty.add(where)
        if group:
            self._pods[pod] = (group, amounts)

    # -- what is shown

    def _shown(self, key: str) -> Item | None:
        item = self._nodes.get(key)
        if item is None or (item["resource"] in self.view.linked and not self._is_linked(key)):
            return None
        return {**item, **self._more[key]} if self._more.get(key) else item

    def _is_linked(self, key: str) -> bool:
        return any(other in self._nodes for other in self._links.neighbours(key))

    def _group(self, key: str) -> Item | None:
        if "nodes" not in self.view.resources:
            return None
        cpu, memory, pods = self._sums.get(key, (0, 0, 0))
        if key == WAITING:
            return (
                {"id": WAITING, "kind": "", "name": "", "state": "waiting", "word": "", "pods": pods} if pods else None
            )
        item = self._groups.get(key)
        if item is None:
            return None
        cores, bytes_ = room(item["room"])
        return {**item, "pods": pods, "cpu": [cpu, cores], "memory": [memory, bytes_]}

    def _edge(self, line: str) -> Item | None:
        item = self._links.edges.get(line)
        if item is None or not (item["from"] in self.graph.nodes and item["to"] in self.graph.nodes):
            return None
        return item


def _service_of(slice_: Object) -> str:
    return node_id("services", namespace(slice_), labels(slice_).get("kubernetes.io/service-name", ""))
