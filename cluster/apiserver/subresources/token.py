"""`serviceaccounts/token`: a bound, expiring token for one service account (TokenRequest)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import read
from cluster.apiserver.attributes import CREATE, Attributes
from cluster.apiserver.authn.audiences import audiences_of, issuer_of
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import bad_request, conflict, invalid, not_found
from cluster.machinery.fielderrors import FieldError, invalid_value
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_BINDABLE = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}
_SHORTEST, _USUAL, _LONGEST = 600, 3600, 1 << 32


def request_token(server: ApiServer, kind: Kind, request: Request) -> Result:
    account = read.current(server, kind, request)
    body = request.body or {}
    server.admission.judge(Attributes(server, kind, request, CREATE, body, subresource="token", name=request.name))
    spec = dict(body.get("spec") or {})
    seconds = spec.get("expirationSeconds")
    seconds = _USUAL if seconds is None else seconds
    _check(seconds)
    audiences = spec.get("audiences") or list(audiences_of(server))
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
        private |= _bound(server, metadata, bound)
    return {
        "aud": audiences,
        "exp": now + seconds,
        "iat": now,
        "iss": issuer_of(server),
        "jti": server.ids.uid("jti", metadata["uid"], now, server.store.revision),
        "kubernetes.io": private,
        "nbf": now,
        "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
    }


def _bound(server: ApiServer, account: Object, reference: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return what the token dies with; a pod's token names the pod's node too."""
    word, name = str(reference.get("kind", "")), str(reference.get("name", ""))
    if word not in _BINDABLE:
        raise bad_request(f"cannot bind token for serviceaccount {word}: unsupported kind")
    plural = _BINDABLE[word]
    found = server.store.get(plural, "" if plural == "nodes" else account["namespace"], name)
    if found is None:
        raise not_found(plural, "", name)
    uid = found["metadata"]["uid"]
    if reference.get("uid") and reference["uid"] != uid:
        text = f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
        raise conflict(plural, "", name, text + "The object might have been deleted and then recreated")
    bound = {word.lower(): {"name": name, "uid": uid}}
    if plural == "pods":
        _check_account(found, account["name"])
        node = server.store.get("nodes", "", (found.get("spec") or {}).get("nodeName", ""))
        if node is not None:
            bound["node"] = {"name": node["metadata"]["name"], "uid": node["metadata"]["uid"]}
    return bound


def _check_account(pod: Object, account: str) -> None:
    own = (pod.get("spec") or {}).get("serviceAccountName") or "default"
    if own != account:
        text = f'cannot bind token for serviceaccount "{account}" to pod running with different serviceaccount name.'
        raise bad_request(text)


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {"create": request_token}
