"""The database that plays etcd: SQLite in the data folder, or PostgreSQL by DATABASE_URL.

SQLite runs in WAL mode with `synchronous=NORMAL`: a killed process loses nothing that was
acknowledged; only a power cut could take the last transactions, never the file's integrity.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url

SQLITE_START = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-4000;"
    "PRAGMA mmap_size=67108864;"
)


def databases(url: str, folder: Path) -> dict[str, dict[str, Any]]:
    if url:
        return {"default": {**dj_database_url.parse(url, conn_max_age=600), "CONN_HEALTH_CHECKS": True}}
    return {"default": _sqlite(folder / "kubarium.sqlite3")}


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": SQLITE_START},
        "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"kubarium-test-{os.getpid()}.sqlite3")},
    }
