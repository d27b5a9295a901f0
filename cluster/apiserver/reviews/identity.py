"""SelfSubjectReview (`kubectl auth whoami`) and TokenReview: who is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver.authn.audiences import audiences_of
from cluster.apiserver.authn.chain import Found
from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.request import Request, Result, User
from cluster.apiserver.reviews.access import answered
from cluster.kinds.kind import Kind
from cluster.machinery.errors import bad_request
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def user_info(user: User) -> Object:
    info: dict[str, Any] = {"username": user.name}
    if user.uid:
        info["uid"] = user.uid
    if user.groups:
        info["groups"] = list(user.groups)
    if user.extra:
        info["extra"] = {key: list(values) for key, values in user.extra.items()}
    return info


def of_self(server: ApiServer, kind: Kind, request: Request) -> Result:
    body = {"metadata": {"creationTimestamp": server.now()}}
    return answered(kind, body, {"userInfo": user_info(request.user)})


def of_token(server: ApiServer, kind: Kind, request: Request) -> Result:
    body = request.body or {}
    spec = body.get("spec") or {}
    token = spec.get("token") or ""
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    wanted = tuple(spec.get("audiences") or audiences_of(server))
    found = server.authenticators.review(Credentials(token), wanted)
    if found.user is None:
        return answered(kind, body, {"user": {}, "error": _reason(found)})
    status = {"authenticated": True, "user": user_info(found.user), "audiences": list(found.audiences)}
    return answered(kind, body, status)


def _reason(found: Found) -> str:
    """Return the error as shown: what nobody could make anything of is "unknown"."""
    return found.error if found.error.startswith("[") else f"[{found.error}, unknown]"
