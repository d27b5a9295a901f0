"""`serviceaccounts/token`: a bound, expiring token for one service account (TokenRequest)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import read
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import invalid, not_found
from cluster.machinery.fielderrors import FieldError, invalid_value
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_SHORTEST, _USUAL, _LONGEST = 600, 3600, 1 << 32


def request_token(server: ApiServer, kind: Kind, request: Request) -> Result:
    account = read.current(server, kind, request)
    body = request.body or {}
    server.admission.judge(Attributes(server, kind, request, CREATE, body, subresource="token", name=request.name))
    spec = dict(body.get("spec") or {})
    seconds = spec.get("expirationSeconds")
    seconds = _USUAL if seconds is None else seconds
    _check(seconds)
    audiences = spec.get("audiences") or [server.config.issuer]
    claims = _claims(server, account, audiences, seconds, spec.get("boundObjectRef"))
    metadata = {"name": request.name, "namespace": request.namespace, "creationTimestamp": server.now()}
    answer: Object = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": metadata,
        "spec": {**spec, "audiences": audiences, "expirationSeconds": seconds},
        "status": {"token": server.tokens.sign(claims), "expirationTimestamp": timestamp(claims["exp"])},
    }
    answer["spec"].setdefault("boundObjectRef", None)
    return Result(answer, True, 201)


def _check(seconds: int) -> None:
    errors: list[FieldError] = []
    if seconds < _SHORTEST:
        text = "may not specify a duration less than 10 minutes"
        errors.append(invalid_value("spec.expirationSeconds", seconds, text))
    if seconds > _LONGEST:
        text = "may not specify a duration larger than 2^32 seconds"
        errors.append(invalid_value("spec.expirationSeconds", seconds, text))
    if errors:
        raise invalid("TokenRequest", "authentication.k8s.io", "", errors)


def _claims(
    server: ApiServer, account: Object, audiences: list[str], seconds: int, bound: dict[str, Any] | None
) -> dict[str, Any]:
    now, metadata = int(server.clock.now()), account["metadata"]
    private: dict[str, Any] = {
        "namespace": metadata["namespace"],
        "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
    }
    if bound:
        private[str(bound.get("kind", "")).lower()] = _bound(server, metadata["namespace"], bound)
    return {
        "aud": audiences,
        "exp": now + seconds,
        "iat": now,
        "iss": server.config.issuer,
        "jti": server.ids.uid("jti", metadata["uid"], now, server.store.revision),
        "kubernetes.io": private,
        "nbf": now,
        "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
    }


def _bound(server: ApiServer, namespace: str, reference: dict[str, Any]) -> dict[str, str]:
    plural = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}.get(reference.get("kind", ""), "pods")
    found = server.store.get(plural, "" if plural == "nodes" else namespace, reference.get("name", ""))
    if found is None:
        raise not_found(plural, "", reference.get("name", ""))
    return {"name": found["metadata"]["name"], "uid": found["metadata"]["uid"]}


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {"create": request_token}
