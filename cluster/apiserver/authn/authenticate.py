"""Who asks, of a request that came by the wire: its credentials, then impersonation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.authn.impersonation import Wanted, impersonated
from cluster.apiserver.authn.lab_token import LabToken
from cluster.apiserver.request import User, Verdict
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import unauthorized

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_EXTRA = "impersonate-extra-"


class Authentication:
    """The first gate of one HTTP face. `by_token` knows the lab's own token; it answers None for any other."""

    def __init__(self, server: ApiServer, by_token: Callable[[str], User | None]):
        self._server = server
        self._first = (LabToken(by_token),)

    def user(self, request: HttpRequest, known: User | None = None) -> User:
        """Return who the request is to be answered as."""
        return self.spoken_for(request, self.identity(request, known))

    def identity(self, request: HttpRequest, known: User | None = None, verdicts: list[Verdict] | None = None) -> User:
        """Return who really asks, whomever they ask as; 401 for wrong credentials. `verdicts` learns by whom."""
        if known is not None:
            return known
        given = Credentials(_bearer(request), request.certificates)
        return self._server.authenticators.require(given, [] if verdicts is None else verdicts, self._first)

    def spoken_for(self, request: HttpRequest, user: User) -> User:
        """Return whom `user` asks to be answered as: themselves, unless the headers say otherwise."""
        return impersonated(self._server, user, _wanted(request))


def _bearer(request: HttpRequest) -> str:
    header = request.header("authorization")
    if not header:
        return ""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized()
    return token.strip()


def _wanted(request: HttpRequest) -> Wanted:
    groups = tuple(request.header_values("impersonate-group"))
    return Wanted(request.header("impersonate-user"), groups, request.header("impersonate-uid"), _extra(request))


def _extra(request: HttpRequest) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in request.headers:
        if key.lower().startswith(_EXTRA):
            found.setdefault(unquote(key.lower().removeprefix(_EXTRA)), []).append(value)
    return {key: tuple(values) for key, values in found.items()}
