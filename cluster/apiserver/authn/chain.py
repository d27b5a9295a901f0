"""The authenticators of one server in the real one's order: who a request's credentials say it is.

The first that knows the credentials decides. Wrong ones are a 401, even where anonymous requests are let in.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cluster.apiserver.authn.audiences import audiences_of, common
from cluster.apiserver.authn.credentials import Authenticator, Credentials, Rejected
from cluster.apiserver.authn.registry import TABLE
from cluster.apiserver.authn.service_accounts import ServiceAccountTokens
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import ANONYMOUS, User, Verdict
from cluster.machinery.errors import unauthorized

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

STAGE = "authn"
_AUTHENTICATED = "system:authenticated"
NO_TOKEN = "no credentials: anonymous requests are switched off (--anonymous-auth=false)"


@dataclass(frozen=True, slots=True)
class Found:
    """Who it is and what each authenticator said; `error` is the log's words where nobody knew."""

    user: User | None
    verdicts: tuple[Verdict, ...]
    error: str = ""
    audiences: tuple[str, ...] = ()  # of those asked for, where a token was reviewed


class Authenticators:
    """The chain. It is built anew when the server has been started with other flags."""

    def __init__(self, server: ApiServer):
        self._server = server
        self._launch: Launch | None = None
        self._chain: Sequence[Authenticator] = ()

    @property
    def chain(self) -> Sequence[Authenticator]:
        launch = self._server.launch
        if launch is not self._launch:
            self._launch = launch
            made = (make(self._server, launch) for make in TABLE)
            self._chain = [one for one in made if one is not None]
        return self._chain

    def ask(self, given: Credentials, first: Sequence[Authenticator] = ()) -> Found:
        """Return who these credentials are; nobody when there are none, or when they are wrong."""
        verdicts: list[Verdict] = []
        errors: list[str] = []
        for one in (*first, *self.chain):
            try:
                user = one.user(given)
            except Rejected as why:
                errors.append(str(why))
                verdicts.append(Verdict(STAGE, one.name, False, str(why)))
                continue
            if user is not None:
                verdicts.append(Verdict(STAGE, one.name, True, user.name))
                return Found(_authenticated(user), tuple(verdicts))
        if given.token:
            errors = ["invalid bearer token", *errors]
            verdicts = verdicts or [Verdict(STAGE, "bearer", False, "invalid bearer token")]
        return Found(None, tuple(verdicts), _joined(errors))

    def review(self, given: Credentials, wanted: tuple[str, ...]) -> Found:
        """Return whose token this is for one of the `wanted` audiences.

        Tokens that are made out for nobody in particular are the API server's own.
        """
        own = common(audiences_of(self._server), wanted)
        tokens = ServiceAccountTokens(self._server, audiences=wanted)
        for one in self.chain:
            found = self._reviewed(tokens if one.name == tokens.name else one, given)
            if found is None:
                continue
            good = tokens.for_whom(given) if one.name == tokens.name else tuple(own)
            if found.user is None or good:
                return Found(found.user, found.verdicts, found.error, good)
        return Found(None, (), "invalid bearer token" if given.token else "")

    def _reviewed(self, one: Authenticator, given: Credentials) -> Found | None:
        """Return what one authenticator makes of a token; None where it is nothing to it."""
        try:
            user = one.user(given)
        except Rejected as why:
            return Found(None, (), _joined(["invalid bearer token", str(why)]))
        return Found(_authenticated(user), ()) if user is not None else None

    def require(self, given: Credentials, verdicts: list[Verdict], first: Sequence[Authenticator] = ()) -> User:
        """Return who asks, anonymous requests included; 401 otherwise. What was said is appended to `verdicts`."""
        found = self.ask(given, first)
        verdicts.extend(found.verdicts)
        if found.user is not None:
            return found.user
        if found.error:
            raise unauthorized()
        if not self._server.launch.is_on("anonymous-auth", True):
            verdicts.append(Verdict(STAGE, "anonymous", False, NO_TOKEN))
            raise unauthorized()
        verdicts.append(Verdict(STAGE, "anonymous", True, ANONYMOUS.name))
        return ANONYMOUS


def _authenticated(user: User) -> User:
    """Return the user in the group of all whom some authenticator knows."""
    if _AUTHENTICATED in user.groups or user.name == ANONYMOUS.name:
        return user
    return User(user.name, (*user.groups, _AUTHENTICATED), user.uid, user.extra)


def _joined(errors: Sequence[str]) -> str:
    return errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]" if errors else ""
