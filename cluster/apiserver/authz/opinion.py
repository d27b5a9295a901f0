"""What one authoriser says of one question, and what it can tell of a user's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.request import User

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Opinion:
    """`allowed` is True, False for a refusal that ends the chain, or None for no opinion.

    `lasting`: the same until a role or binding changes, so that the chain may keep it.
    """

    allowed: bool | None = None
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    lasting: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a user may do by one authoriser, as rules in their API form."""

    resources: tuple[Mapping[str, Any], ...] = ()
    paths: tuple[Mapping[str, Any], ...] = ()
    incomplete: bool = False
    error: str = ""


NO_OPINION = Opinion()
EVERYTHING = Listing(
    ({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},), ({"verbs": ["*"], "nonResourceURLs": ["*"]},)
)


class Authoriser(Protocol):
    """One link of the chain; `name` is its word in `--authorization-mode`."""

    name: str

    def decide(self, user: User, asked: Asked) -> Opinion: ...

    def rules(self, user: User, namespace: str) -> Listing:
        """List what `user` may do in `namespace`, as SelfSubjectRulesReview shows it."""
        ...
