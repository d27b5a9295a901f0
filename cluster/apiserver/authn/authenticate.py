"""Who asks: bearer tokens, then impersonation. No token at all is `system:anonymous`; a wrong one is a 401."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cluster.apiserver.request import ANONYMOUS, Request, User
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import bad_request, unauthorized

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_EXTRA = "impersonate-extra-"


class Authentication:
    """The authenticators of one server. `by_token` knows the lab's tokens; it answers None for a wrong one."""

    def __init__(self, server: ApiServer, by_token: Callable[[str], User | None]):
        self._server = server
        self._by_token = by_token

    def user(self, request: HttpRequest, known: User | None = None) -> User:
        """Return who the request is to be answered as."""
        return self._impersonated(request, self.identity(request, known))

    def identity(self, request: HttpRequest, known: User | None = None) -> User:
        """Return who really asks, whomever they ask as."""
        return known or self._bearer(request)

    def _bearer(self, request: HttpRequest) -> User:
        header = request.header("authorization")
        if not header:
            return ANONYMOUS
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized()
        user = self._by_token(token.strip())
        if user is None:
            raise unauthorized()
        return user

    def _impersonated(self, request: HttpRequest, user: User) -> User:
        name = request.header("impersonate-user")
        groups = request.header_values("impersonate-group")
        uid = request.header("impersonate-uid")
        extra = _extra(request)
        if not name:
            if groups or uid or extra:
                raise bad_request("requested {} without impersonating a user".format("[]" if groups else "extra"))
            return user
        self._require(user, name, groups)
        if name.startswith("system:serviceaccount:") and not groups:
            namespace = name.split(":")[2]
            groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
        if name != ANONYMOUS.name and "system:authenticated" not in groups:
            groups = [*groups, "system:authenticated"]
        elif name == ANONYMOUS.name and "system:unauthenticated" not in groups:
            groups = [*groups, "system:unauthenticated"]
        return User(name, tuple(groups), uid, extra)

    def _require(self, user: User, name: str, groups: list[str]) -> None:
        require = self._server.authorizer.require
        if name.startswith("system:serviceaccount:") and name.count(":") == 3:
            namespace, account = name.split(":")[2:]
            require(Request("impersonate", user, resource="serviceaccounts", namespace=namespace, name=account))
        else:
            require(Request("impersonate", user, resource="users", name=name))
        for group in groups:
            require(Request("impersonate", user, resource="groups", name=group))


def _extra(request: HttpRequest) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in request.headers:
        if key.lower().startswith(_EXTRA):
            found.setdefault(unquote(key.lower().removeprefix(_EXTRA)), []).append(value)
    return {key: tuple(values) for key, values in found.items()}
