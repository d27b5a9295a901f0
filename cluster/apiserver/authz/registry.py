"""The authorisers by their word in `--authorization-mode`, and the chain a start of the server asks for.

https://kubernetes.io/docs/reference/access-authn-authz/authorization/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from cluster.apiserver.authz.abac import Abac
from cluster.apiserver.authz.always import AlwaysAllow, AlwaysDeny
from cluster.apiserver.authz.node import Node
from cluster.apiserver.authz.opinion import Authoriser
from cluster.apiserver.authz.rbac import Rbac
from cluster.apiserver.launch import Launch
from cluster.store.interface import Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

KUBEADM = ("Node", "RBAC")  # what a cluster nobody gave flags runs with
_REAL_DEFAULT = ("AlwaysAllow",)


@dataclass(frozen=True, slots=True)
class Start:
    """What an authoriser is made from; `rbac` is the one the server holds in any mode."""

    server: ApiServer
    store: Store
    launch: Launch
    rbac: Rbac


def _abac(start: Start) -> Authoriser:
    return Abac(start.launch.file("authorization-policy-file") or "")


MODES: Mapping[str, Callable[[Start], Authoriser]] = {
    "AlwaysAllow": lambda start: AlwaysAllow(),
    "AlwaysDeny": lambda start: AlwaysDeny(),
    "ABAC": _abac,
    "RBAC": lambda start: start.rbac,
    "Node": lambda start: Node(start.store),
}


def modes_of(launch: Launch) -> tuple[str, ...]:
    """Return the modes in their order; a start without any flag is a kubeadm cluster's."""
    if not launch.values:
        return KUBEADM
    text = launch.file("authorization-config")
    if text is not None:
        return tuple(one.get("type", "") for one in _configured(text))
    return launch.words("authorization-mode", _REAL_DEFAULT)


def _configured(text: str) -> list[dict[str, Any]]:
    """Return the authorizers of an AuthorizationConfiguration; none of what is no such document."""
    found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    listed = found.get("authorizers") if isinstance(found, dict) else None
    return [one for one in listed or () if isinstance(one, dict)]


def chain(server: ApiServer, store: Store, launch: Launch, rbac: Rbac) -> tuple[Authoriser, ...]:
    """Return the authorisers of a start; words that are no mode are left out (the flags' check refuses them)."""
    start = Start(server, store, launch, rbac)
    return tuple(MODES[mode](start) for mode in modes_of(launch) if mode in MODES)
