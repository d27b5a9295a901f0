"""Speaking as somebody else: each part of the other identity needs the right to impersonate it.

Left out: constrained impersonation. https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cluster.apiserver.request import ANONYMOUS, Request, User
from cluster.machinery.errors import bad_request

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_GROUP = "authentication.k8s.io"
_ACCOUNT = "system:serviceaccount:"
_AUTHENTICATED, _UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a request asks to be answered as; nobody where all of it is empty."""

    name: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def impersonated(server: ApiServer, user: User, wanted: Wanted) -> User:
    """Return whom `user` speaks as; 400 without a name, 403 where a right is missing."""
    if not wanted.name:
        if wanted.groups or wanted.uid or wanted.extra:
            asked = "[]" if wanted.groups else "extra"
            raise bad_request(f"requested {asked} without impersonating a user")
        return user
    for request in _asked(user, wanted):
        server.authorizer.require(request)
    return User(wanted.name, _groups(wanted), wanted.uid, wanted.extra)


def _asked(user: User, wanted: Wanted) -> Iterator[Request]:
    """Yield what must be allowed, in the real server's order."""
    name = wanted.name
    if name.startswith(_ACCOUNT) and name.count(":") == 3:
        namespace, account = name.split(":")[2:]
        yield Request("impersonate", user, resource="serviceaccounts", namespace=namespace, name=account)
    else:
        yield Request("impersonate", user, resource="users", name=name)
    for group in wanted.groups:
        yield Request("impersonate", user, resource="groups", name=group)
    for key, values in wanted.extra.items():
        for value in values:
            yield Request("impersonate", user, group=_GROUP, resource="userextras", subresource=key, name=value)
    if wanted.uid:
        yield Request("impersonate", user, group=_GROUP, resource="uids", name=wanted.uid)


def _groups(wanted: Wanted) -> tuple[str, ...]:
    groups, name = wanted.groups, wanted.name
    if name.startswith(_ACCOUNT) and not groups:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{name.split(':')[2]}")
    always = _UNAUTHENTICATED if name == ANONYMOUS.name else _AUTHENTICATED
    return groups if always in groups else (*groups, always)
