"""The lab's own token, which makes whoever holds it the administrator: how the pages hand out a kubeconfig."""

from __future__ import annotations

from collections.abc import Callable

from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.request import User


class LabToken:
    """An authenticator no real server has; `by_token` knows the token."""

    name = "lab token"

    def __init__(self, by_token: Callable[[str], User | None]):
        self._by_token = by_token

    def user(self, given: Credentials) -> User | None:
        return self._by_token(given.token) if given.token else None
