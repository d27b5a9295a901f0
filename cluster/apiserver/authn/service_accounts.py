"""Service-account tokens as credentials: bound ones of the TokenRequest API, and long-lived ones of Secrets.

A token counts while its account, and the pod, node or Secret it is bound to, are the ones it was made for.
https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cluster.apiserver.authn.audiences import audiences_of, common, issuer_of, mismatch
from cluster.apiserver.authn.credentials import Credentials, Rejected
from cluster.apiserver.request import User, service_account
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.authn.tokens import TokenIssuer
    from cluster.apiserver.server import ApiServer

LEGACY = "kubernetes/serviceaccount"
_PRIVATE = "kubernetes.io/serviceaccount/"
_EXTRA = "authentication.kubernetes.io/"
_BOUND = {"pod": "pods", "secret": "secrets", "node": "nodes"}
Claims = Mapping[str, Any]


class ServiceAccountTokens:
    """The authenticator. `audiences` are those a token must be made out for: one of them is enough."""

    name = "serviceaccount"

    def __init__(self, server: ApiServer, issuer: TokenIssuer | None = None, audiences: Sequence[str] = ()):
        self._server = server
        self._issuer = issuer
        self._audiences = tuple(audiences)

    def user(self, given: Credentials) -> User | None:
        claims = (self._issuer or self._server.tokens).claims(given.token) if given.token else None
        if claims is None:
            return None
        if claims.get("iss") == LEGACY:
            return self._legacy(claims, given.token)
        return self._bound(claims) if claims.get("iss") == issuer_of(self._server) else None

    def for_whom(self, given: Credentials) -> tuple[str, ...]:
        """Return which of the audiences the token is made out for; long-lived ones are for all the server has."""
        claims = (self._issuer or self._server.tokens).claims(given.token) or {}
        offered = claims.get("aud") or audiences_of(self._server)
        return tuple(common(offered, self._audiences or audiences_of(self._server)))

    # -- bound tokens ----------------------------------------------------------------------------

    def _bound(self, claims: Claims) -> User:
        now = self._server.clock.now()
        if now >= claims.get("exp", 0):
            raise Rejected("service account token has expired")
        if now < claims.get("nbf", 0):
            raise Rejected("service account token is not valid yet")
        wrong = mismatch(claims.get("aud") or (), self._audiences or audiences_of(self._server))
        if wrong:
            raise Rejected(wrong)
        private = claims.get("kubernetes.io") or {}
        namespace, account = str(private.get("namespace", "")), private.get("serviceaccount") or {}
        self._account(namespace, account)
        for word in _BOUND:
            if word in private and not (word == "node" and "pod" in private):
                self._held(namespace, word, private[word])
        user = service_account(namespace, account["name"], account["uid"])
        return User(user.name, user.groups, user.uid, _extra(claims, private))

    def _account(self, namespace: str, account: Mapping[str, Any]) -> None:
        found = self._server.store.get("serviceaccounts", namespace, account.get("name", ""))
        if found is None:
            raise Rejected("service account token has been invalidated")
        if found["metadata"]["uid"] != account.get("uid"):
            raise Rejected("service account token has been invalidated")

    def _held(self, namespace: str, word: str, reference: Mapping[str, Any]) -> None:
        held = self._server.store.get(_BOUND[word], "" if word == "node" else namespace, reference.get("name", ""))
        if held is None or held["metadata"]["uid"] != reference.get("uid"):
            raise Rejected("service account token has been invalidated")

    # -- tokens of Secrets -----------------------------------------------------------------------

    def _legacy(self, claims: Claims, token: str) -> User:
        namespace = str(claims.get(f"{_PRIVATE}namespace", ""))
        name = str(claims.get(f"{_PRIVATE}service-account.name", ""))
        uid = str(claims.get(f"{_PRIVATE}service-account.uid", ""))
        secret = self._server.store.get("secrets", namespace, str(claims.get(f"{_PRIVATE}secret.name", "")))
        if secret is None or not _holds(secret, token):
            raise Rejected("service account token has been invalidated")
        self._account(namespace, {"name": name, "uid": uid})
        return service_account(namespace, name, uid)


def _holds(secret: Object, token: str) -> bool:
    """A Secret that holds another token now has replaced this one."""
    return b64decode((secret.get("data") or {}).get("token", "")).decode("utf-8", "replace") == token


def _extra(claims: Claims, private: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {f"{_EXTRA}credential-id": (f"JTI={claims.get('jti', '')}",)}
    for word in ("node", "pod"):
        held = private.get(word)
        if held:
            found[f"{_EXTRA}{word}-name"] = (str(held.get("name", "")),)
            found[f"{_EXTRA}{word}-uid"] = (str(held.get("uid", "")),)
    return found
