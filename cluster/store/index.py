"""Current state in memory with the indexes that controllers ask for: order, owners, pods by node."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from cluster.machinery.meta import Object

Place = tuple[str, str]  # (namespace, name)


class Shelf:
    """The objects of one resource, kept in key order."""

    def __init__(self) -> None:
        self.objects: dict[Place, Object] = {}
        self._order: list[Place] = []
        self._lists: dict[str, Sequence[Object]] = {}

    def set(self, place: Place, obj: Object) -> None:
        if place not in self.objects:
            insort(self._order, place)
        self.objects[place] = obj
        self._forget(place[0])

    def drop(self, place: Place) -> None:
        if self.objects.pop(place, None) is not None:
            del self._order[bisect_left(self._order, place)]
            self._forget(place[0])

    def _forget(self, namespace: str) -> None:
        self._lists.pop(namespace, None)
        self._lists.pop("", None)

    def list(self, namespace: str) -> Sequence[Object]:
        """Return the objects of one namespace or (with '') of all; the list is shared, not to be changed."""
        cached = self._lists.get(namespace)
        if cached is None:
            cached = [self.objects[place] for place in self._range(namespace)]
            self._lists[namespace] = cached
        return cached

    def _range(self, namespace: str) -> Sequence[Place]:
        if not namespace:
            return self._order
        start = bisect_left(self._order, (namespace, ""))
        return self._order[start : bisect_left(self._order, (namespace + "\0", ""))]

    def count(self, namespace: str) -> int:
        return len(self._range(namespace))


class Groups:
    """Objects grouped by a word that may change with each write, such as an owner's uid or a node's name."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[tuple[str, str, str], Object]] = {}

    def add(self, word: str, resource: str, place: Place, obj: Object) -> None:
        self._groups.setdefault(word, {})[(resource, *place)] = obj

    def drop(self, word: str, resource: str, place: Place) -> None:
        group = self._groups.get(word)
        if group is not None:
            group.pop((resource, *place), None)
            if not group:
                del self._groups[word]

    def members(self, word: str) -> Sequence[tuple[str, Object]]:
        """Return (resource, object) in key order."""
        group = self._groups.get(word)
        return [(key[0], group[key]) for key in sorted(group)] if group else []


class Index:
    """All resources, and who owns what and which pod is where."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.owners = Groups()
        self.nodes = Groups()

    def get(self, resource: str, place: Place) -> Object | None:
        shelf = self.shelves.get(resource)
        return shelf.objects.get(place) if shelf else None

    def set(self, resource: str, place: Place, obj: Object) -> None:
        shelf = self.shelves.get(resource)
        if shelf is None:
            shelf = self.shelves[resource] = Shelf()
        old = shelf.objects.get(place)
        if old is not None:
            self._unlink(resource, place, old)
        shelf.set(place, obj)
        for owner in obj["metadata"].get("ownerReferences") or ():
            self.owners.add(owner.get("uid", ""), resource, place, obj)
        if resource == "pods" and (node := _node_of(obj)):
            self.nodes.add(node, resource, place, obj)

    def drop(self, resource: str, place: Place) -> None:
        shelf = self.shelves.get(resource)
        if shelf is not None and (old := shelf.objects.get(place)) is not None:
            self._unlink(resource, place, old)
            shelf.drop(place)

    def _unlink(self, resource: str, place: Place, old: Object) -> None:
        for owner in old["metadata"].get("ownerReferences") or ():
            self.owners.drop(owner.get("uid", ""), resource, place)
        if resource == "pods" and (node := _node_of(old)):
            self.nodes.drop(node, resource, place)


def _node_of(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")
