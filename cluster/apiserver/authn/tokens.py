"""Service-account tokens: signed claims (JWT), bound to an account that must still be there.

Simplified: signed with a secret of the lab (HS256) where a real server uses an RSA key; nobody outside checks them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from cluster.apiserver.request import User, service_account

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_HEADER = {"alg": "HS256", "kid": "lab"}
_CREDENTIAL = "authentication.kubernetes.io/credential-id"


class TokenIssuer:
    """Signs and reads the tokens of one lab."""

    def __init__(self, secret: bytes):
        self._secret = secret

    def sign(self, claims: Mapping[str, Any]) -> str:
        head = f"{_encoded(orjson.dumps(_HEADER))}.{_encoded(orjson.dumps(claims))}"
        return f"{head}.{_encoded(self._mac(head))}"

    def _mac(self, head: str) -> bytes:
        return hmac.new(self._secret, head.encode(), hashlib.sha256).digest()

    def user(self, server: ApiServer, token: str) -> User | None:
        """Return whose token this is; None when it is forged, expired, or its account, pod or secret is gone."""
        head, _, signature = token.rpartition(".")
        if head.count(".") != 1 or not hmac.compare_digest(_encoded(self._mac(head)), signature):
            return None
        claims = _claims(head.partition(".")[2])
        now = server.clock.now()
        if claims is None or now >= claims.get("exp", 0) or claims.get("iss") != server.config.issuer:
            return None
        return _bound_user(server, claims)


def _bound_user(server: ApiServer, claims: Mapping[str, Any]) -> User | None:
    private = claims.get("kubernetes.io") or {}
    account, namespace = private.get("serviceaccount") or {}, private.get("namespace", "")
    found = server.store.get("serviceaccounts", namespace, account.get("name", ""))
    if found is None or found["metadata"]["uid"] != account.get("uid"):
        return None
    for kind, plural in (("pod", "pods"), ("secret", "secrets")):
        bound = private.get(kind)
        if bound:
            held = server.store.get(plural, namespace, bound.get("name", ""))
            if held is None or held["metadata"]["uid"] != bound.get("uid"):
                return None
    user = service_account(namespace, account["name"], account["uid"])
    extra = {_CREDENTIAL: (f"JTI={claims.get('jti', '')}",)}
    return User(user.name, user.groups, user.uid, extra)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims(text: str) -> Mapping[str, Any] | None:
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    return found if isinstance(found, dict) else None
