"""SubjectAccessReview and its relatives: may this user do that? Answered by the same authoriser as requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.create import draft_of
from cluster.apiserver.request import Request, Result, User
from cluster.kinds.kind import Kind
from cluster.machinery.errors import invalid
from cluster.machinery.fielderrors import FieldError, invalid_value
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def answered(kind: Kind, body: Object, status: Object) -> Result:
    """Return a review with its status, its type first."""
    rest = {field: value for field, value in body.items() if field not in ("kind", "apiVersion", "status")}
    rest.setdefault("metadata", {})
    rest["metadata"] = {**rest["metadata"]}
    return Result({"kind": kind.kind, "apiVersion": kind.api_version, **rest, "status": status}, True, 201)


def _managed(server: ApiServer, kind: Kind, request: Request) -> Object:
    """Return the review as it is answered: its sender manages its fields, though nothing is kept."""
    body = draft_of(request.body or {})
    body.setdefault("metadata", {})
    server.fields.created(kind, body, request)
    return body


def _asked(spec: Object, namespace: str = "") -> Asked:
    resource = spec.get("resourceAttributes")
    if resource is None:
        path = spec.get("nonResourceAttributes") or {}
        return Asked(path.get("verb", ""), path=path.get("path", ""))
    name = resource.get("resource", "")
    if resource.get("subresource"):
        name = f"{name}/{resource['subresource']}"
    where = namespace or resource.get("namespace", "")
    return Asked(resource.get("verb", ""), resource.get("group", ""), name, where, resource.get("name", ""))


def _check(kind: Kind, spec: Object, whose: bool) -> None:
    errors: list[FieldError] = []
    given = [spec.get("resourceAttributes"), spec.get("nonResourceAttributes")]
    if all(item is not None for item in given):
        text = "cannot be specified in combination with resourceAttributes"
        errors.append(invalid_value("spec.nonResourceAttributes", spec["nonResourceAttributes"], text))
    if all(item is None for item in given):
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        errors.append(invalid_value("spec.resourceAttributes", None, text))
    if whose and not spec.get("user") and not spec.get("groups"):
        text = "at least one of user or group must be specified"
        errors.append(invalid_value("spec.user", spec.get("user", ""), text))
    if errors:
        raise invalid(kind.kind, kind.group, "", errors)


def _status(server: ApiServer, user: User, asked: Asked) -> Object:
    found = server.authorizer.ask(user, asked)
    status: Object = {"allowed": found.allowed}
    if found.denied:
        status["denied"] = True
    if found.reason:
        status["reason"] = found.reason
    if found.error:
        status["evaluationError"] = found.error
    return status


def of_self(server: ApiServer, kind: Kind, request: Request) -> Result:
    body = request.body or {}
    spec = body.get("spec") or {}
    _check(kind, spec, False)
    return answered(kind, _managed(server, kind, request), _status(server, request.user, _asked(spec)))


def of_subject(server: ApiServer, kind: Kind, request: Request) -> Result:
    body = request.body or {}
    spec = body.get("spec") or {}
    _check(kind, spec, True)
    user = User(spec.get("user", ""), tuple(spec.get("groups") or ()), spec.get("uid", ""))
    local = request.namespace if kind.namespaced else ""
    return answered(kind, _managed(server, kind, request), _status(server, user, _asked(spec, local)))


def rules_of_self(server: ApiServer, kind: Kind, request: Request) -> Result:
    """List what the asking user may do in a namespace; `kubectl auth can-i --list` prints it."""
    body = request.body or {}
    namespace = (body.get("spec") or {}).get("namespace") or ""
    if not namespace:
        raise invalid(kind.kind, kind.group, "", [invalid_value("spec.namespace", "", "no namespace on request")])
    found = server.authorizer.rules(request.user, namespace)
    status: Object = {
        "resourceRules": [dict(rule) for rule in found.resources],
        "nonResourceRules": [dict(rule) for rule in found.paths],
        "incomplete": found.incomplete,
    }
    if found.error:
        status["evaluationError"] = found.error
    return answered(kind, body, status)
