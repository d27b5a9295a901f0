"""Requests remembered in the database: a worker's in its slice's transaction, a web process's after the answer.

A web process numbers what it has seen when it saves it, under the lab's lock, so that one lab's requests have one
order whoever answered them. Whoever is killed loses half a second of them, no more.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from django.db import close_old_connections, connection

from cluster.apiserver.exchange import Exchange
from cluster.apiserver.gates.explaining import explanation
from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.gates.rings import KEPT, PEOPLE
from cluster.apiserver.server import ApiServer
from cluster.models import KeptRequest
from cluster.models.text import dumps, loads
from cluster.persistence.announce import BELL
from cluster.persistence.locks import lab_lock, write_transaction

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two savings of one process; what is refused does not wait
_COLUMNS = "serial, ring, time, actor, verb, resource, namespace, name, code, revision, detail"
_INSERT = (
    f"INSERT INTO cluster_keptrequest (lab_id, {_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_PRUNE = (
    "DELETE FROM cluster_keptrequest WHERE lab_id = %s AND ring = %s AND serial <= (SELECT serial FROM "
    "cluster_keptrequest WHERE lab_id = %s AND ring = %s ORDER BY serial DESC LIMIT 1 OFFSET %s)"
)


def append(lab_id: int, entries: Sequence[Entry]) -> None:
    """Save entries and forget the oldest; the caller holds the lab and an open transaction."""
    if not entries:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [_values(lab_id, entry) for entry in entries])
        for ring in {entry.ring for entry in entries}:
            cursor.execute(_PRUNE, [lab_id, ring, lab_id, ring, KEPT[ring]])


def _values(lab_id: int, entry: Entry) -> tuple[object, ...]:
    what = (entry.actor[:253], entry.verb[:32], entry.resource[:320], entry.namespace[:253], entry.name[:253])
    when = (entry.serial, entry.ring, entry.time)
    return (lab_id, *when, *what, entry.code, entry.revision, dumps(dict(entry.detail)))


def entry_of_row(row: KeptRequest) -> Entry:
    fields = ("serial", "ring", "time", "actor", "verb", "resource", "namespace", "name", "code", "revision")
    return Entry(*(getattr(row, field) for field in fields), loads(row.detail))


class DjangoArchive:
    """The saved requests of one lab."""

    def __init__(self, lab_id: int):
        self._rows = KeptRequest.objects.filter(lab_id=lab_id)

    def after(self, serial: int) -> Sequence[Entry]:
        return [entry_of_row(row) for row in self._rows.filter(serial__gt=serial).order_by("serial")]

    def entry(self, serial: int) -> Entry | None:
        row = self._rows.filter(serial=serial).first()
        return entry_of_row(row) if row is not None else None


class Posting:
    """A witness in a web process: remembers, and has it saved soon."""

    def __init__(self, lab_id: int, server: ApiServer, via: str = "wire"):
        self.lab_id = lab_id
        self.recorder = Recorder(via, partial(explanation, server))
        self._server = server

    def attend(self) -> None:
        """Be told of all the server's requests from now on."""
        self._server.witnesses.append(self)
        self._server.wants_changes = self.recorder.wants_changes

    def saw(self, exchange: Exchange) -> None:
        before = self.recorder.serial
        self.recorder.saw(exchange)
        if self.recorder.serial != before:
            POST.bring(self, urgent=exchange.code >= 400)


class Held(Posting):
    """A posting for requests whose writes may all be undone: it keeps them back until it is known."""

    def saw(self, exchange: Exchange) -> None:
        self.recorder.saw(exchange)

    def release(self, undone: bool) -> None:
        """Have them saved; where everything was undone, only what was refused, as nothing else has happened."""
        if undone:
            self.recorder.drain((PEOPLE,))
        if self.recorder.waits():
            POST.bring(self, urgent=undone)


class Post:
    """Saves what the postings of this process have seen, on a thread of its own once it is started."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: dict[int, set[Posting]] = defaultdict(set)
        self._signal = threading.Event()
        self._urgent = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="requests", daemon=True).start()

    def bring(self, posting: Posting, *, urgent: bool) -> None:
        """Note that `posting` has something to be saved."""
        with self._guard:
            self._waiting[posting.lab_id].add(posting)
        if urgent:
            self._urgent.set()
        self._signal.set()

    def _run(self) -> None:
        while True:
            self._signal.wait()
            self._urgent.wait(EVERY)
            self._signal.clear()
            self._urgent.clear()
            try:
                self.flush()
            except Exception:  # the database may be away for a moment; the next requests are tried again
                logger.exception("requests could not be remembered")
                close_old_connections()
                time.sleep(EVERY)

    def flush(self) -> None:
        """Save everything now."""
        with self._guard:
            waiting, self._waiting = self._waiting, defaultdict(set)
        for lab_id, postings in waiting.items():
            found = [entry for posting in postings for entry in posting.recorder.drain()]
            _save(lab_id, sorted(found, key=lambda entry: entry.time))


def _save(lab_id: int, entries: Sequence[Entry]) -> None:
    with lab_lock(lab_id), write_transaction(), connection.cursor() as cursor:
        cursor.execute("SELECT requests FROM cluster_lab WHERE id = %s", [lab_id])
        row = cursor.fetchone()
        if row is None or not entries:
            return
        append(lab_id, list(_numbered(entries, row[0])))
        cursor.execute("UPDATE cluster_lab SET requests = %s WHERE id = %s", [row[0] + len(entries), lab_id])
    BELL.ring(lab_id, wake_worker=any(entry.refused for entry in entries))


def _numbered(entries: Sequence[Entry], last: int) -> Iterable[Entry]:
    return (replace(entry, serial=serial) for serial, entry in enumerate(entries, last + 1))


POST = Post()
