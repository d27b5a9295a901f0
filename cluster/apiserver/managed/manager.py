"""Keeps `metadata.managedFields` true at every write."""

from __future__ import annotations

from cluster.apiserver.request import Request
from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object


class FieldManager:
    """Tracks the owners of fields."""

    def created(self, kind: Kind, draft: Object, request: Request) -> None:
        """Note what the creator set."""

    def updated(self, kind: Kind, draft: Object, old: Object, request: Request) -> None:
        """Note what this update changed."""

    def same(self, draft: Object, old: Object) -> bool:
        """Say whether nothing but bookkeeping differs."""
        return draft == old
