"""Who asks, of a request that came by the wire: its credentials, then impersonation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.authn.impersonation import Wanted, impersonated
from cluster.apiserver.authn.lab_token import LabToken
from cluster.apiserver.request import ANONYMOUS, User, Verdict
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import unauthorized

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_EXTRA = "impersonate-extra-"


class Authentication:
    """The first gate of one HTTP face. `by_token` knows the lab's own token; it answers None for any other.

    `takes_certificates` and `admits_anonymous` can be switched off where strangers stand before the face.
    """

    takes_certificates = True
    admits_anonymous = True

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
        given = Credentials(_bearer(request), request.certificates if self.takes_certificates else ())
        found = self._server.authenticators.require(given, [] if verdicts is None else verdicts, self._first)
        if found is ANONYMOUS and not self.admits_anonymous:
            raise unauthorized()
        return found

    def spoken_for(self, request: HttpRequest, user: User) -> User:
        """Return whom `user` asks to be answered as: themselves, unless the headers say otherwise."""
        return impersonated(self._server, user, _wanted(request))


def _bearer(request: HttpRequest) -> str:
    """Return the bearer token; '' where there is none, or another scheme, which no authenticator takes."""
    scheme, _, token = request.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _wanted(request: HttpRequest) -> Wanted:
    groups = tuple(request.header_values("impersonate-group"))
    return Wanted(request.header("impersonate-user"), groups, request.header("impersonate-uid"), _extra(request))


def _extra(request: HttpRequest) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in request.headers:
        if key.lower().startswith(_EXTRA):
            found.setdefault(unquote(key.lower().removeprefix(_EXTRA)), []).append(value)
    return {key: tuple(values) for key, values in found.items()}
