"""The chain of authorisers: the first that says yes decides."""

from __future__ import annotations

from cluster.apiserver.request import Request, User
from cluster.store.interface import Store


class Authorizer:
    """Allows what any of its authorisers allows."""

    def __init__(self, store: Store):
        self._store = store

    def require(self, request: Request) -> None:
        """Return if allowed; raise 403 otherwise."""

    def require_path(self, user: User, verb: str, path: str) -> None:
        """Return if a URL that names no resource is allowed; raise 403 otherwise."""
