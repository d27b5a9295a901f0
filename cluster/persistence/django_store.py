"""etcd in the Django database: one row per object, one row per revision, both in one transaction.

`DjangoStore` is what a web process reads and writes; `append_batch` is how a worker saves what its
replica in memory has done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

from cluster.machinery.meta import Object
from cluster.models import MODELS
from cluster.models.text import dumps, loads
from cluster.persistence import log
from cluster.persistence.locks import lab_lock, write_transaction
from cluster.persistence.tables import KEY_ORDER, Place, table
from cluster.store.interface import Compacted, Revision, Verb

Committed = Callable[[int], None]


def _unheard(revision: int) -> None:
    """Default of `committed`: nobody waits."""


class DjangoStore:
    """The store of one lab, for one thread. `committed` is told the newest revision after each commit."""

    def __init__(self, lab_id: int, committed: Committed = _unheard):
        self.lab_id = lab_id
        self._committed = committed
        self._depth = 0
        self._start = self._revision = self._oldest = 0
        self._seen: dict[tuple[str, str, str], Object | None] = {}
        self._marks: dict[str, int] = {}  # the newest revision of each resource asked about, true up to `_marked`
        self._marked = -1

    @property
    def revision(self) -> int:
        return self._revision if self._depth else self._bounds()[0]

    @property
    def oldest(self) -> int:
        return self._oldest if self._depth else self._bounds()[1]

    def _bounds(self) -> tuple[int, int]:
        rows = self._fetch("SELECT revision, oldest FROM cluster_lab WHERE id = %s", [self.lab_id])
        return (rows[0][0], rows[0][1]) if rows else (0, 0)

    def _fetch(self, query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return list(cursor.fetchall())

    def _run(self, query: str, parameters: Sequence[Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._depth:
            yield
            return
        with lab_lock(self.lab_id), write_transaction():
            self._enter()
            try:
                yield
                self._save_revision()
            finally:
                self._depth = 0
                self._seen.clear()
        self._marked = self._revision
        if self._revision != self._start:
            self._committed(self._revision)

    def _enter(self) -> None:
        self._start, self._oldest = self._bounds()
        self._revision = self._start
        self._depth = 1
        self._follow_marks()

    def _follow_marks(self) -> None:
        """Bring the marks up to now by one question; those of a transaction that failed are forgotten."""
        marked, self._marked = self._marked, -1
        if marked < 0 or self._start < marked:
            self._marks.clear()
        elif self._start > marked and self._marks:
            query = "SELECT resource, MAX(number) FROM cluster_revision WHERE lab_id = %s AND number > %s"
            for resource, number in self._fetch(f"{query} GROUP BY resource", [self.lab_id, marked]):
                if resource in self._marks:
                    self._marks[resource] = number

    def _save_revision(self) -> None:
        if self._revision != self._start:
            self._run("UPDATE cluster_lab SET revision = %s WHERE id = %s", [self._revision, self.lab_id])

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        key = (resource, namespace, name)
        if key in self._seen:
            return self._seen[key]
        text = self.get_text(resource, namespace, name)
        found = loads(text) if text is not None else None
        if self._depth:
            self._seen[key] = found
        return found

    def get_text(self, resource: str, namespace: str, name: str) -> str | None:
        """Return one object as stored JSON."""
        where = table(resource)
        query = f"{where.select()} AND namespace = %s AND name = %s"
        rows = self._fetch(query, [*where.scope_values(self.lab_id), namespace, name])
        return str(rows[0][0]) if rows else None

    def list(self, resource: str, namespace: str = "") -> Sequence[Object]:
        return [loads(text) for text in self.list_text(resource, namespace)]

    def list_text(self, resource: str, namespace: str = "") -> list[bytes]:
        """Return the objects as stored JSON, in key order: a LIST is served by joining them."""
        where = table(resource)
        query, parameters = where.select(), where.scope_values(self.lab_id)
        if namespace:
            query, parameters = f"{query} AND namespace = %s", [*parameters, namespace]
        return [row[0].encode() for row in self._fetch(query + KEY_ORDER[connection.vendor], parameters)]

    def count(self, resource: str, namespace: str = "") -> int:
        where = table(resource)
        query, parameters = where.select("COUNT(*)"), where.scope_values(self.lab_id)
        if namespace:
            query, parameters = f"{query} AND namespace = %s", [*parameters, namespace]
        return int(self._fetch(query, parameters)[0][0])

    def owned_by(self, uid: str) -> Sequence[tuple[str, Object]]:
        found: list[tuple[str, Object]] = []
        for resource in self.resources():
            where = table(resource)
            query = f"{where.select()} AND owners LIKE %s{KEY_ORDER[connection.vendor]}"
            rows = self._fetch(query, [*where.scope_values(self.lab_id), f"%{uid}%"])
            found += [(resource, loads(row[0])) for row in rows]
        return found

    def pods_on(self, node: str) -> Sequence[Object]:
        query = f"{table('pods').select()} AND node = %s{KEY_ORDER[connection.vendor]}"
        return [loads(row[0]) for row in self._fetch(query, [self.lab_id, node])]

    def resources(self) -> Sequence[str]:
        """Return the storage keys there may be objects of, in order."""
        rows = self._fetch("SELECT DISTINCT resource FROM cluster_customobject WHERE lab_id = %s", [self.lab_id])
        return sorted([*MODELS, *(row[0] for row in rows)])

    def last_change(self, resource: str) -> int:
        """Return the newest logged revision that touched `resource`, 0 when none did.

        A request that writes asks this of a dozen resources; inside its transaction the answers are kept.
        """
        if not self._depth:
            return self._newest(resource)
        found = self._marks.get(resource)
        if found is None:
            found = self._marks[resource] = self._newest(resource)
        return found

    def _newest(self, resource: str) -> int:
        query = "SELECT MAX(number) FROM cluster_revision WHERE lab_id = %s AND resource = %s"
        return self._fetch(query, [self.lab_id, resource])[0][0] or 0

    def put(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        with self.transaction():
            place = place_of(obj)
            previous = self.get(resource, *place)
            verb: Verb = "ADDED" if previous is None else "MODIFIED"
            revision, text = self._log(verb, resource, place, obj, previous, actor, cause, time)
            where = table(resource)
            stored = revision.object
            self._run(where.upsert(), where.upsert_values(self.lab_id, place, stored, revision.number, text))
            self._seen[(resource, *place)] = stored
            return revision

    def remove(self, resource: str, obj: Object, *, actor: str, cause: str, time: float) -> Revision:
        with self.transaction():
            place = place_of(obj)
            previous = self.get(resource, *place)
            revision, _ = self._log("DELETED", resource, place, obj, previous, actor, cause, time)
            where = table(resource)
            self._run(where.delete(), where.delete_values(self.lab_id, place))
            self._seen[(resource, *place)] = None
            return revision

    def _log(
        self,
        verb: Verb,
        resource: str,
        place: Place,
        obj: Object,
        previous: Object | None,
        actor: str,
        cause: str,
        time: float,
    ) -> tuple[Revision, str]:
        number = self._revision + 1
        stored = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(number)}}
        revision = Revision(number, verb, resource, *place, stored, previous, actor, cause, time)
        text = dumps(stored)
        self._run(log.INSERT, log.values(self.lab_id, revision, text))
        self._revision = number
        if resource in self._marks:
            self._marks[resource] = number
        return revision, text

    def since(self, number: int, resource: str | None = None, limit: int | None = None) -> Iterator[Revision]:
        newest, oldest = (self._revision, self._oldest) if self._depth else self._bounds()
        if number < oldest:
            raise Compacted(oldest)
        return log.since(self.lab_id, number, newest, resource, limit)

    def get_at(self, number: int, resource: str, namespace: str, name: str) -> Object | None:
        self._check_kept(number)
        return log.get_at(self.lab_id, number, resource, namespace, name)

    def list_at(self, number: int, resource: str, namespace: str = "") -> Sequence[Object]:
        self._check_kept(number)
        return log.list_at(self.lab_id, number, resource, namespace)

    def _check_kept(self, number: int) -> None:
        if number < self.oldest:
            raise Compacted(self.oldest)

    def compact(self, number: int) -> None:
        with self.transaction():
            number = min(number, self._revision)
            if number > self._oldest:
                log.forget_before(self.lab_id, number)
                self._run("UPDATE cluster_lab SET oldest = %s WHERE id = %s", [number, self.lab_id])
                self._oldest = number

    def objects(self) -> dict[str, list[Object]]:
        """Return everything there is, by resource: what a worker loads its replica from."""
        found = {resource: self.list(resource) for resource in self.resources()}
        return {resource: list(items) for resource, items in found.items() if items}


def place_of(obj: Object) -> Place:
    metadata = obj["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
