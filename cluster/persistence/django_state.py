"""The state book of one lab as a web process reads it: what the worker last committed.

Web processes only read: component data is the worker's, and what it holds in memory would win.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.models import State
from cluster.models.text import loads


class DjangoState:
    """A state book straight from its table."""

    def __init__(self, lab_id: int):
        self.lab_id = lab_id

    def get(self, key: str) -> Any | None:
        row = State.objects.filter(lab_id=self.lab_id, key=key).values_list("value").first()
        return loads(row[0]) if row else None

    def keys(self, prefix: str) -> Sequence[str]:
        rows = State.objects.filter(lab_id=self.lab_id, key__startswith=prefix).order_by("key")
        return [key for key in rows.values_list("key", flat=True) if key.startswith(prefix)]

    def put(self, key: str, value: Any) -> None:
        raise TypeError("a web process does not write component state")

    def drop(self, key: str) -> None:
        raise TypeError("a web process does not write component state")
