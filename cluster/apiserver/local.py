"""A whole API server in memory: for tests, forks and benchmarks."""

from __future__ import annotations

from cluster.apiserver.bootstrap.fresh import install
from cluster.apiserver.client import Client
from cluster.apiserver.request import ADMIN
from cluster.apiserver.server import ApiServer
from cluster.kinds.registry import REGISTRY, Registry
from cluster.machinery.clock import ManualClock
from cluster.machinery.ids import Ids
from cluster.store.memory import MemoryStore

START = 1_767_225_600.0


def local_server(seed: int = 1, now: float = START, registry: Registry = REGISTRY) -> ApiServer:
    """Return a fresh cluster's server: `server.store`, `server.clock` (a ManualClock) are its parts."""
    server = ApiServer(MemoryStore(), ManualClock(now), Ids(seed), registry=registry)
    install(server)
    return server


def admin(server: ApiServer) -> Client:
    """Return the administrator's client."""
    return Client(server, ADMIN, manager="kubectl")
