"""Bootstrap tokens: Secrets of kube-system that let a machine join, `<id>.<secret>`.

https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from hmac import compare_digest

from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.request import User
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, is_deleting
from cluster.store.interface import Store

TOKEN = re.compile(r"([a-z0-9]{6})\.([a-z0-9]{16})")
GROUP = re.compile(r"system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]")
TYPE = "bootstrap.kubernetes.io/token"
BOOTSTRAPPERS = "system:bootstrappers"


class BootstrapTokens:
    """The authenticator; it asks the store each time, so a deleted Secret counts at once."""

    name = "bootstrap-token"

    def __init__(self, store: Store, now: Callable[[], float]):
        self._store = store
        self._now = now

    def user(self, given: Credentials) -> User | None:
        parts = TOKEN.fullmatch(given.token)
        if parts is None:
            return None
        identity, secret = parts.groups()
        found = self._store.get("secrets", "kube-system", f"bootstrap-token-{identity}")
        if found is None or found.get("type") != TYPE or is_deleting(found):
            return None
        data = _decoded(found)
        if data.get("token-id") != identity or not compare_digest(data.get("token-secret", ""), secret):
            return None
        if self._is_expired(data) or data.get("usage-bootstrap-authentication") != "true":
            return None
        groups = _groups(data)
        return User(f"system:bootstrap:{identity}", groups) if groups else None

    def _is_expired(self, data: Mapping[str, str]) -> bool:
        """An expiry that cannot be read counts as past."""
        text = data.get("expiration", "")
        try:
            return bool(text) and self._now() >= parse_timestamp(text)
        except ValueError:
            return True


def _groups(data: Mapping[str, str]) -> tuple[str, ...]:
    """Return the groups of a token; none at all where it names one that is not a bootstrapper's."""
    extra = [group for group in data.get("auth-extra-groups", "").split(",") if group]
    if any(not GROUP.fullmatch(group) for group in extra):
        return ()
    return tuple(sorted({BOOTSTRAPPERS, *extra}))


def _decoded(secret: Object) -> Mapping[str, str]:
    found = {}
    for key, value in (secret.get("data") or {}).items():
        try:
            found[key] = base64.b64decode(value).decode("utf-8", "replace")
        except (binascii.Error, TypeError):
            found[key] = ""
    return found
