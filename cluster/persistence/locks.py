"""One writer per lab at a time, in the order of asking.

On PostgreSQL the lab's row lock does it. SQLite can lock only the whole database and lets waiters
poll, so there each lab has a lock file, which a killed process gives back by dying, and threads of
one process queue before it; another queue stands before the database's single write transaction.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction


class FairLock:
    """A lock that is passed on in the order of arrival."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        self.acquire()
        try:
            yield
        finally:
            self.release()


class LabFileLock:
    """The lock of one lab between threads and processes of one machine."""

    def __init__(self, path: Path):
        self._queue = FairLock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._queue.held():
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


class Locks:
    """The locks of this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._labs: dict[int, LabFileLock] = {}
        self.database = FairLock()

    def lab(self, lab_id: int) -> LabFileLock:
        with self._guard:
            if lab_id not in self._labs:
                self._labs[lab_id] = LabFileLock(_folder() / str(lab_id))
            return self._labs[lab_id]


def _folder() -> Path:
    folder = Path(settings.DATA) / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


LOCKS = Locks()


def on_sqlite() -> bool:
    return connection.vendor == "sqlite"


@contextmanager
def lab_lock(lab_id: int) -> Iterator[None]:
    """Hold one lab. On PostgreSQL this is a transaction; on SQLite nothing of the database is held."""
    if on_sqlite():
        with LOCKS.lab(lab_id).held():
            yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT id FROM cluster_lab WHERE id = %s FOR UPDATE", [lab_id])
            yield


@contextmanager
def write_transaction() -> Iterator[None]:
    """One database transaction that writes; threads queue instead of polling SQLite's lock."""
    if on_sqlite() and not connection.in_atomic_block:
        with LOCKS.database.held(), transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield
