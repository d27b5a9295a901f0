"""Reading the revision log: what came after N, what was at N."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from cluster.machinery.meta import Object, resource_version
from cluster.models.text import dumps, loads
from cluster.store.interface import Revision

_COLUMNS = "r.number, r.verb, r.resource, r.namespace, r.name, r.object, p.object, r.actor, r.cause, r.time"
_SINCE = (
    f"SELECT {_COLUMNS} FROM cluster_revision r LEFT JOIN cluster_revision p "
    "ON p.lab_id = r.lab_id AND p.number = r.previous AND r.previous > 0 "
    "WHERE r.lab_id = %s AND r.number > %s AND r.number <= %s"
)
INSERT = (
    "INSERT INTO cluster_revision "
    "(lab_id, number, verb, resource, namespace, name, object, previous, actor, cause, time) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_PAGE = 500


def values(lab: int, revision: Revision, text: str) -> tuple[Any, ...]:
    """Return the row of `INSERT` for a revision whose object has been written as `text`."""
    previous = int(resource_version(revision.previous) or 0) if revision.previous else 0
    where = (revision.resource, revision.namespace, revision.name)
    return (
        lab,
        revision.number,
        revision.verb,
        *where,
        text,
        previous,
        revision.actor[:253],
        revision.cause,
        revision.time,
    )


def text_of(revision: Revision) -> str:
    return dumps(revision.object)


def since(lab: int, number: int, end: int, resource: str | None, limit: int | None) -> Iterator[Revision]:
    """Yield the revisions in (number, end], a page at a time."""
    condition = " AND r.resource = %s" if resource else ""
    query = f"{_SINCE}{condition} ORDER BY r.number LIMIT %s"
    left = limit
    while left is None or left > 0:
        page = _PAGE if left is None else min(left, _PAGE)
        rows = _fetch(query, [lab, number, end, *([resource] if resource else []), page])
        yield from map(_revision, rows)
        if len(rows) < page:
            return
        number = rows[-1][0]
        left = None if left is None else left - len(rows)


_NEWS = (
    f"SELECT l.revision, l.oldest, {_COLUMNS} FROM cluster_lab l LEFT JOIN cluster_revision r "
    "ON r.lab_id = l.id AND r.number > %s AND r.number <= l.revision AND r.resource IN ({resources}) "
    "LEFT JOIN cluster_revision p ON p.lab_id = r.lab_id AND p.number = r.previous AND r.previous > 0 "
    "WHERE l.id = %s ORDER BY r.number LIMIT %s"
)


def news(lab: int, number: int, resources: Sequence[str], limit: int) -> tuple[int, int, list[Revision]] | None:
    """Return the lab's newest and oldest revision and the next of `resources` after `number`, by one query.

    None when there is no such lab.
    """
    query = _NEWS.format(resources=", ".join(["%s"] * len(resources)) or "''")
    rows = _fetch(query, [number, *resources, lab, limit])
    if not rows:
        return None
    return rows[0][0], rows[0][1], [_revision(row[2:]) for row in rows if row[2] is not None]


def _fetch(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def _revision(row: tuple[Any, ...]) -> Revision:
    number, verb, resource, namespace, name, text, previous, actor, cause, time = row
    before = loads(previous) if previous and verb != "ADDED" else None
    return Revision(number, verb, resource, namespace, name, loads(text), before, actor, cause, time)


_AT = (
    "SELECT object, namespace, name FROM cluster_revision r WHERE lab_id = %s AND resource = %s {place} "
    "AND verb <> 'DELETED' AND number = (SELECT MAX(number) FROM cluster_revision n WHERE n.lab_id = r.lab_id "
    "AND n.resource = r.resource AND n.namespace = r.namespace AND n.name = r.name AND n.number <= %s)"
)


def get_at(lab: int, number: int, resource: str, namespace: str, name: str) -> Object | None:
    query = _AT.format(place="AND namespace = %s AND name = %s")
    rows = _fetch(query, [lab, resource, namespace, name, number])
    return loads(rows[0][0]) if rows else None


def list_at(lab: int, number: int, resource: str, namespace: str) -> list[Object]:
    place, named = ("AND namespace = %s", [namespace]) if namespace else ("", [])
    rows = _fetch(_AT.format(place=place), [lab, resource, *named, number])
    return [loads(row[0]) for row in sorted(rows, key=lambda row: (row[1], row[2]))]


def forget_before(lab: int, number: int) -> None:
    """Drop what nobody needs to read the state at `number` or later."""
    superseded = (
        "EXISTS (SELECT 1 FROM cluster_revision n WHERE n.lab_id = cluster_revision.lab_id "
        "AND n.resource = cluster_revision.resource AND n.namespace = cluster_revision.namespace "
        "AND n.name = cluster_revision.name AND n.number > cluster_revision.number AND n.number <= %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM cluster_revision WHERE lab_id = %s AND number <= %s AND (verb = 'DELETED' OR {superseded})",
            [lab, number, number],
        )
