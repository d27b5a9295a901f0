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
from cluster.apiserver.authz.webhook import WebhookAuthorizer, WebhookSettings
from cluster.apiserver.launch import Launch
from cluster.machinery import goduration
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
    "Webhook": lambda start: WebhookAuthorizer(start.server, start.launch),
}


def _configured_webhook(start: Start, entry: Mapping[str, Any]) -> Authoriser:
    """Return the webhook one authorizer of an AuthorizationConfiguration describes."""
    webhook = entry.get("webhook") or {}
    path = (webhook.get("connectionInfo") or {}).get("kubeConfigFile") or ""
    settings = WebhookSettings(
        start.launch.files.get(path, ""),
        webhook.get("subjectAccessReviewVersion") or "v1",
        timeout=_seconds(webhook.get("timeout"), 30.0),
        authorized_ttl=_seconds(webhook.get("authorizedTTL"), 300.0),
        unauthorized_ttl=_seconds(webhook.get("unauthorizedTTL"), 30.0),
        denies_on_failure=webhook.get("failurePolicy") == "Deny",
    )
    return WebhookAuthorizer(start.server, start.launch, settings)


def _seconds(text: str | None, default: float) -> float:
    try:
        return goduration.parse(text) if text else default
    except ValueError:
        return default


def _configured(start: Start, text: str) -> tuple[Authoriser, ...]:
    """Return the authorizers of an AuthorizationConfiguration; none of what is no such document."""
    found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    listed = found.get("authorizers") if isinstance(found, dict) else None
    entries = [one for one in listed or () if isinstance(one, dict) and one.get("type") in MODES]
    return tuple(
        _configured_webhook(start, one) if one["type"] == "Webhook" else MODES[one["type"]](start) for one in entries
    )


def chain(server: ApiServer, store: Store, launch: Launch, rbac: Rbac) -> tuple[Authoriser, ...]:
    """Return the authorisers of a start; words that are no mode are left out (the flags' check refuses them).

    A start without any flag is a kubeadm cluster's.
    """
    start = Start(server, store, launch, rbac)
    text = launch.file("authorization-config")
    if text is not None:
        return _configured(start, text)
    modes = launch.words("authorization-mode", _REAL_DEFAULT) if launch.values else KUBEADM
    return tuple(MODES[mode](start) for mode in modes if mode in MODES)
