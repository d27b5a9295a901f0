"""The edges of a view while objects come and go: those an object names, and those that facts make."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from cluster.machinery.meta import Object, namespace
from cluster.topology.graph import Item, edge
from cluster.topology.relations import RELATIONS, Matching, Naming
from cluster.topology.views import View


class Links:
    """All edges whose reason holds, seen or not; `changed` collects their ids until somebody takes them."""

    def __init__(self, view: View):
        chosen = [relation for relation in RELATIONS if relation.kind in view.relations]
        self._namings = [relation for relation in chosen if isinstance(relation, Naming)]
        self._matchings = [relation for relation in chosen if isinstance(relation, Matching)]
        self.edges: dict[str, Item] = {}
        self.touching: dict[str, set[str]] = defaultdict(set)
        self.changed: set[str] = set()
        self.ends: set[str] = set()  # nodes that gained or lost an edge
        self._made: dict[str, set[str]] = defaultdict(set)  # edges whose existence hangs on this object
        self._facts: dict[tuple[int, str, str], dict[str, Any]] = defaultdict(dict)

    def take_changed(self) -> tuple[set[str], set[str]]:
        """Return and forget the ids of changed edges, and of the nodes at their ends."""
        taken = self.changed, self.ends
        self.changed, self.ends = set(), set()
        return taken

    def neighbours(self, key: str) -> set[str]:
        ends: set[str] = set()
        for line in self.touching.get(key, ()):
            ends.update((self.edges[line]["from"], self.edges[line]["to"]))
        return ends - {key}

    def put(self, resource: str, key: str, obj: Object) -> None:
        wanted = {item["id"]: item for item in self._named(resource, key, obj)}
        wanted |= {item["id"]: item for item in self._matched(resource, key, obj)}
        for line in self._made[key] - wanted.keys():
            self._cut(line)
        for line, item in wanted.items():
            if line not in self.edges:
                self._draw(line, item)
        self._made[key] = set(wanted)

    def _draw(self, line: str, item: Item) -> None:
        self.edges[line] = item
        self.changed.add(line)
        for end in (item["from"], item["to"]):
            self.touching[end].add(line)
            self.ends.add(end)

    def _cut(self, line: str) -> None:
        item = self.edges.pop(line, None)
        self.changed.add(line)
        for end in (item["from"], item["to"]) if item else ():
            self.touching[end].discard(line)
            self.ends.add(end)

    def _named(self, resource: str, key: str, obj: Object) -> list[Item]:
        found = []
        for relation in self._namings:
            if not relation.source or resource in relation.source:
                for other in relation.names(obj):
                    found.append(edge(relation.kind, *((other, key) if relation.inward else (key, other))))
        return found

    def _matched(self, resource: str, key: str, obj: Object) -> list[Item]:
        found = []
        for index, relation in enumerate(self._matchings):
            if resource == relation.source:
                found += self._match(index, key, relation.of_source(obj), namespace(obj), "source")
            if resource == relation.target:
                found += self._match(index, key, relation.of_target(obj), namespace(obj), "target")
        return found

    def _match(self, index: int, key: str, fact: Any, where: str, side: str) -> list[Item]:
        relation = self._matchings[index]
        self._facts[(index, side, where)][key] = fact
        if side == "source":
            others = self._facts[(index, "target", where)]
            return [edge(relation.kind, key, other) for other, its in others.items() if relation.fits(fact, its)]
        others = self._facts[(index, "source", where)]
        return [edge(relation.kind, other, key) for other, its in others.items() if relation.fits(its, fact)]

    def drop(self, key: str) -> None:
        """Forget an object with the edges that hang on it; edges others name towards it stay unseen."""
        part = key.split("/")[1]
        where = "" if part == "-" else part
        for index in range(len(self._matchings)):
            for side in ("source", "target"):
                self._facts[(index, side, where)].pop(key, None)
        kinds = {relation.kind for relation in self._matchings}
        for line in set(self.touching.get(key, ())):
            if line in self._made[key] or self.edges[line]["kind"] in kinds:
                self._cut(line)
        self._made.pop(key, None)
