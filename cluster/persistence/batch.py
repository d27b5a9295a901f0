"""Saving a worker's slice: revisions, current objects and component state in one transaction.

Of an object written several times in one slice only the last form is upserted; the log keeps all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from cluster.models.text import dumps
from cluster.persistence import log
from cluster.persistence.tables import Place, table
from cluster.store.interface import Revision
from cluster.store.state import StateChanges

_SAVE_STATE = (
    "INSERT INTO cluster_state (lab_id, key, value) VALUES (%s, %s, %s) "
    "ON CONFLICT (lab_id, key) DO UPDATE SET value = excluded.value"
)
_DROP_STATE = "DELETE FROM cluster_state WHERE lab_id = %s AND key = %s"


def append_revisions(lab_id: int, revisions: Sequence[Revision]) -> None:
    """Write the log rows and the current rows; the caller holds the lab and an open transaction."""
    texts = [log.text_of(revision) for revision in revisions]
    last: dict[str, dict[Place, tuple[Revision, str]]] = defaultdict(dict)
    for revision, text in zip(revisions, texts, strict=True):
        last[revision.resource][(revision.namespace, revision.name)] = (revision, text)
    with connection.cursor() as cursor:
        rows = [log.values(lab_id, revision, text) for revision, text in zip(revisions, texts, strict=True)]
        cursor.executemany(log.INSERT, rows)
        for resource, places in last.items():
            _write_current(cursor, lab_id, resource, places)


def _write_current(cursor, lab_id: int, resource: str, places: dict[Place, tuple[Revision, str]]) -> None:
    where = table(resource)
    gone = [where.delete_values(lab_id, place) for place, (last, _) in places.items() if last.verb == "DELETED"]
    kept = [
        where.upsert_values(lab_id, place, last.object, last.number, text)
        for place, (last, text) in places.items()
        if last.verb != "DELETED"
    ]
    if gone:
        cursor.executemany(where.delete(), gone)
    if kept:
        cursor.executemany(where.upsert(), kept)


def save_state(lab_id: int, changes: StateChanges) -> None:
    with connection.cursor() as cursor:
        if changes.saved:
            rows = [(lab_id, key, dumps(value)) for key, value in changes.saved.items()]
            cursor.executemany(_SAVE_STATE, rows)
        if changes.dropped:
            cursor.executemany(_DROP_STATE, [(lab_id, key) for key in changes.dropped])
