"""The audit log across processes: a web process leaves its lines in a table, the lab's worker puts them in the file.

The worker takes them in the slice's transaction, so that each is written once. Whoever is killed
loses half a second of lines, no more. Nothing runs for a lab whose API server was started without an audit log.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Sequence

from django.db import close_old_connections

from cluster.apiserver.launch import Launch
from cluster.apiserver.server import ApiServer
from cluster.models import AuditLine
from cluster.persistence.announce import BELL
from cluster.persistence.locks import write_transaction

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds between two savings of one process
_AT_ONCE = 5000  # lines a slice takes


class Backlog:
    """The sink of a web process for one lab."""

    def __init__(self, lab_id: int):
        self.lab_id = lab_id

    def write(self, lines: Sequence[str], launch: Launch) -> None:
        LINES.bring(self.lab_id, lines)


class Lines:
    """Saves the lines of this process, on a thread that begins with the first of them."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: dict[int, list[str]] = defaultdict(list)
        self._signal = threading.Event()
        self._thread: threading.Thread | None = None

    def bring(self, lab_id: int, lines: Sequence[str]) -> None:
        with self._guard:
            self._waiting[lab_id] += lines
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()
        self._signal.set()

    def _run(self) -> None:
        while True:
            self._signal.wait()
            time.sleep(EVERY)
            self._signal.clear()
            try:
                self.flush()
            except Exception:  # the database may be away for a moment; the next lines are tried again
                logger.exception("audit lines could not be saved")
                close_old_connections()

    def flush(self) -> None:
        """Save everything now, and wake the workers that write it down."""
        with self._guard:
            waiting, self._waiting = self._waiting, defaultdict(list)
        if not waiting:
            return
        with write_transaction():
            rows = [AuditLine(lab_id=lab_id, text=line) for lab_id, lines in waiting.items() for line in lines]
            AuditLine.objects.bulk_create(rows, batch_size=500)
        for lab_id in waiting:
            BELL.ring(lab_id)


LINES = Lines()


def take(lab_id: int, server: ApiServer) -> int:
    """Write what web processes left for the server's log; return the last row's id for `forget`, 0 for none."""
    if not server.launch.value("audit-log-path") or server.audit_sink is None:
        return 0
    rows = AuditLine.objects.filter(lab_id=lab_id).order_by("id").values_list("id", "text")[:_AT_ONCE]
    found = list(rows)
    if not found:
        return 0
    server.audit_sink.write([text for _, text in found], server.launch)
    return int(found[-1][0])


def forget(lab_id: int, last: int) -> None:
    """Drop the rows `take` has written; the caller's transaction saves what was written."""
    if last:
        AuditLine.objects.filter(lab_id=lab_id, id__lte=last).delete()
