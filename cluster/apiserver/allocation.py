"""Cluster IPs and node ports of Services: given out once, checked, and given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


class Allocations:
    """Everything a Service may need of the cluster's ranges."""

    def __init__(self, server: ApiServer):
        self._server = server

    @contextmanager
    def reserve(self, kind: Kind, draft: Object, old: Object | None) -> Iterator[None]:
        """Complete a Service's draft; what it names itself must be free and in range."""
        yield

    @contextmanager
    def released(self, kind: Kind, obj: Object) -> Iterator[None]:
        yield
