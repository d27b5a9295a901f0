"""AlwaysAllow and AlwaysDeny, the two authorisers that look at nothing."""

from __future__ import annotations

from cluster.apiserver.authz.opinion import EVERYTHING, Listing, Opinion
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.request import User

_YES = Opinion(True)
_NO = Opinion(None, "Everything is forbidden.")


class AlwaysAllow:
    name = "AlwaysAllow"

    def decide(self, user: User, asked: Asked) -> Opinion:
        return _YES

    def rules(self, user: User, namespace: str) -> Listing:
        return EVERYTHING


class AlwaysDeny:
    """Has no opinion, as the real one: what stands behind it in the chain may still allow."""

    name = "AlwaysDeny"

    def decide(self, user: User, asked: Asked) -> Opinion:
        return _NO

    def rules(self, user: User, namespace: str) -> Listing:
        return Listing()
