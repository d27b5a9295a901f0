"""etcd in memory: the replica a worker runs on, and the whole store of tests and forks.

A worker fills it with `load`, follows writes made elsewhere with `absorb`, and takes its own
unsaved writes with `drain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice

from cluster.machinery.meta import Object
from cluster.store.index import Index, Place
from cluster.store.interface import Compacted, Revision, Verb


class MemoryStore:
    """A store in memory. `oldest` is the earliest revision whose state can still be read."""

    def __init__(self) -> None:
        self._index = Index()
        self._log: list[Revision] = []
        self._base = 0
        self._revision = 0
        self._drained = 0
        self._depth = 0
        self._last: dict[str, int] = {}

    @property
    def revision(self) -> int:
        return self._revision

    @property
    def oldest(self) -> int:
        return self._base

    def load(self, objects: Mapping[str, Iterable[Object]], revision: int) -> None:
        """Begin from a state saved elsewhere: objects by resource, as they are at `revision`."""
        self._index = Index()
        for resource, items in objects.items():
            for obj in items:
                self._index.set(resource, _place(obj), obj)
        self._log.clear()
        self._last = dict.fromkeys(objects, revision)
        self._base = self._revision = self._drained = revision

    @contextmanager
    def transaction(self) -> Iterator[None]:
        start = self._revision
        self._depth += 1
        try:
            yield
        except BaseException:
            if self._depth == 1:
                self._undo_after(start)
            raise
        finally:
            self._depth -= 1

    def _undo_after(self, number: int) -> None:
        while self._revision > number:
            revision = self._log.pop()
            self._revision -= 1
            self._last[revision.resource] = self._last_logged(revision.resource)
            place = (revision.namespace, revision.name)
            if revision.previous is None:
                self._index.drop(revision.resource, place)
            else:
                self._index.set(revision.resource, place, revision.previous)

    def _last_logged(self, resource: str) -> int:
        return next((entry.number for entry in reversed(self._log) if entry.resource == resource), self._base)

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        return self._index.get(resource, (namespace, name))

    def list(self, resource: str, namespace: str = "") -> Sequence[Object]:
        shelf = self._index.shelves.get(resource)
        return shelf.list(namespace) if shelf else ()

    def count(self, resource: str, namespace: str = "") -> int:
        shelf = self._index.shelves.get(resource)
        return shelf.count(namespace) if shelf else 0

    def resources(self) -> Sequence[str]:
        """Return the storage keys that have, or had, objects."""
        return list(self._index.shelves)

    def owned_by(self, uid: str) -> Sequence[tuple[str, Object]]:
        return self._index.owners.members(uid)

    def pods_on(self, node: str) -> Sequence[Object]:
        """Return the pods bound to `node`, in key order."""
        return [pod for _, pod in self._index.nodes.members(node)]

    def last_change(self, resource: str) -> int:
        """Return the newest revision that touched `resource`, 0 when none did."""
        return self._last.get(resource, 0)

    def put(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        place = _place(obj)
        previous = self._index.get(resource, place)
        verb: Verb = "ADDED" if previous is None else "MODIFIED"
        return self._write(verb, resource, place, obj, previous, actor, cause, time)

    def remove(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        place = _place(obj)
        previous = self._index.get(resource, place)
        return self._write("DELETED", resource, place, obj, previous, actor, cause, time)

    def _write(
        self,
        verb: Verb,
        resource: str,
        place: Place,
        obj: Object,
        previous: Object | None,
        actor: str,
        cause: str,
        time: float,
    ) -> Revision:
        number = self._revision + 1
        stored = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(number)}}
        revision = Revision(number, verb, resource, place[0], place[1], stored, previous, actor, cause, time)
        self._append(revision)
        return revision

    def _append(self, revision: Revision) -> None:
        place = (revision.namespace, revision.name)
        if revision.verb == "DELETED":
            self._index.drop(revision.resource, place)
        else:
            self._index.set(revision.resource, place, revision.object)
        self._log.append(revision)
        self._revision = revision.number
        self._last[revision.resource] = revision.number

    def absorb(self, revisions: Iterable[Revision]) -> None:
        """Follow writes made elsewhere; own writes must have been drained before."""
        if self._drained != self._revision:
            raise ValueError(f"revisions {self._drained + 1}–{self._revision} are not drained yet")
        for revision in revisions:
            if revision.number != self._revision + 1:
                raise ValueError(f"revision {revision.number} does not follow {self._revision}")
            self._append(revision)
        self._drained = self._revision

    def drain(self) -> Sequence[Revision]:
        """Return own writes since the last drain, for the batch commit."""
        fresh = list(self.since(self._drained))
        self._drained = self._revision
        return fresh

    def since(self, number: int, resource: str | None = None, limit: int | None = None) -> Iterator[Revision]:
        if number < self._base:
            raise Compacted(self._base)
        fresh = self._log[number - self._base :]
        found = (revision for revision in fresh if resource is None or revision.resource == resource)
        return islice(found, limit)

    def get_at(self, number: int, resource: str, namespace: str, name: str) -> Object | None:
        place = (namespace, name)
        return self._at(number, resource).get(place)

    def list_at(self, number: int, resource: str, namespace: str = "") -> Sequence[Object]:
        state = self._at(number, resource)
        return [state[place] for place in sorted(state) if not namespace or place[0] == namespace]

    def _at(self, number: int, resource: str) -> dict[Place, Object]:
        if number < self._base:
            raise Compacted(self._base)
        shelf = self._index.shelves.get(resource)
        state = dict(shelf.objects) if shelf else {}
        for revision in reversed(self._log[number - self._base :]):
            if revision.resource == resource:
                _undo(state, revision)
        return state

    def compact(self, number: int) -> None:
        """Forget what undrained writes do not need; the state right after `number` stays readable."""
        number = min(number, self._drained)
        if number > self._base:
            del self._log[: number - self._base]
            self._base = number


def _undo(state: dict[Place, Object], revision: Revision) -> None:
    place = (revision.namespace, revision.name)
    if revision.previous is None:
        state.pop(place, None)
    else:
        state[place] = revision.previous


def _place(obj: Object) -> Place:
    metadata = obj["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
