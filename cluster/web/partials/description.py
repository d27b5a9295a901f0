"""An object as `kubectl describe` shows it, for the drawer: the same describers, without a terminal around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from cluster.apiserver.client import Client
from cluster.kubectl.command import Session
from cluster.kubectl.describe.registry import describe
from cluster.machinery.meta import Object


@dataclass(frozen=True)
class _Reader:
    """What describers use of a session: whom to ask, no flag given, the lab's moment."""

    client: Client
    flags: Mapping[str, Any] = field(default_factory=dict)

    def now(self) -> float:
        return self.client.server.clock.now()


def description(client: Client, resource: str, obj: Object) -> str:
    return describe(cast(Session, _Reader(client)), resource, obj)
