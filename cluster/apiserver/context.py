"""What a component is given: its own client, the informer cache, the state book, time, chance, events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from cluster.apiserver.client import Client
from cluster.machinery.clock import Clock
from cluster.machinery.ids import Ids
from cluster.machinery.meta import Object
from cluster.store.interface import StateBook, Store


class EventRecorder(Protocol):
    """Writes Events as client-go's recorder does: the same event again is counted up, not repeated."""

    def record(self, obj: Object, kind: str, reason: str, message: str) -> None:
        """Record about `obj` (needs apiVersion, kind and metadata); `kind` is Normal or Warning."""
        ...

    def at(self, host: str) -> EventRecorder:
        """Return a recorder whose Events name this host as their source (a kubelet's node)."""
        ...


@dataclass(frozen=True)
class Config:
    """Choices of one lab that act on the whole simulation."""

    instant: bool = False  # no simulated delays: pulls, starts and readiness take no virtual time
    cluster_domain: str = "cluster.local"
    pod_cidr: str = "10.244.0.0/16"
    service_cidr: str = "10.96.0.0/12"
    dns_ip: str = "10.96.0.10"
    version: str = "v1.36.2"
    options: dict[str, Any] = field(default_factory=dict)  # component flags, by component name


@dataclass(frozen=True)
class Context:
    """One component's share of the lab."""

    client: Client
    store: Store
    state: StateBook
    clock: Clock
    ids: Ids
    events: EventRecorder
    config: Config
