"""SubjectAccessReview and its relatives: may this user do that? Answered by the same authoriser as requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.create import draft_of
from cluster.apiserver.request import Request, Result, User
from cluster.kinds.kind import Kind
from cluster.machinery.errors import invalid
from cluster.machinery.fielderrors import FieldError, forbidden_field, invalid_value, required
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_SELECTORS = ("fieldSelector", "labelSelector")


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
    fields, labels = (_selector(resource.get(field) or {}) for field in _SELECTORS)
    group, version = resource.get("group", ""), resource.get("version", "")
    verb, object_name = resource.get("verb", ""), resource.get("name", "")
    return Asked(verb, group, name, where, object_name, "", version, fields, labels)


def _selector(given: Object) -> str:
    """Return a selector as text: what it is written as, or the requirements that a text can say."""
    if given.get("rawSelector"):
        return str(given["rawSelector"])
    return ",".join(_requirement(one) for one in given.get("requirements") or ())


def _requirement(one: Object) -> str:
    key, operator, values = one.get("key", ""), one.get("operator", ""), one.get("values") or []
    if operator in ("In", "NotIn"):
        equal = "=" if operator == "In" else "!="
        return f"{key}{equal}{values[0]}" if len(values) == 1 else f"{key} {operator.lower()} ({','.join(values)})"
    return key if operator == "Exists" else f"!{key}"


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
    for field in _SELECTORS:
        selector = (spec.get("resourceAttributes") or {}).get(field)
        if selector is not None:
            errors += _selector_errors(f"spec.resourceAttributes.{field}", selector)
    if errors:
        raise invalid(kind.kind, kind.group, "", errors)


def _selector_errors(path: str, selector: Object) -> Iterator[FieldError]:
    raw, requirements = selector.get("rawSelector") or "", selector.get("requirements") or []
    if raw and requirements:
        yield invalid_value(f"{path}.rawSelector", raw, "may not specified at the same time as requirements")
    if not raw and not requirements:
        yield required(f"{path}.requirements", f"when {path} is specified, requirements or rawSelector is required")
    for index, one in enumerate(requirements):
        yield from _requirement_errors(f"{path}.requirements[{index}]", one)


def _requirement_errors(path: str, one: Object) -> Iterator[FieldError]:
    if not one.get("key"):
        yield required(f"{path}.key", "must be specified")
    operator = one.get("operator", "")
    if operator in ("In", "NotIn"):
        if not one.get("values"):
            yield required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if one.get("values"):
            why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden_field(f"{path}.values", why)
    else:
        yield invalid_value(f"{path}.operator", operator, "not a valid selector operator")


def _check_local(kind: Kind, spec: Object, namespace: str) -> None:
    """A LocalSubjectAccessReview asks about its own namespace, and about resources only."""
    errors: list[FieldError] = []
    asked = spec.get("resourceAttributes")
    if asked is not None and (asked.get("namespace") or "") != namespace:
        path = "spec.resourceAttributes.namespace"
        errors.append(invalid_value(path, asked.get("namespace") or "", "must match metadata.namespace"))
    if spec.get("nonResourceAttributes") is not None:
        why = "disallowed on this kind of request"
        errors.append(invalid_value("spec.nonResourceAttributes", spec["nonResourceAttributes"], why))
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
    if kind.namespaced:
        _check_local(kind, spec, request.namespace)
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    user = User(spec.get("user", ""), tuple(spec.get("groups") or ()), spec.get("uid", ""), extra)
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
