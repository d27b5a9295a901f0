"""One exchange as the `audit.k8s.io/v1` Events that tell of it.

What came by no wire (a component's, or a command's of the lab's terminal) is told with the path it
would have asked for, and without an address. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.apiserver.audit.policy import API, METADATA, RESPONSE, Told
from cluster.apiserver.exchange import Exchange
from cluster.apiserver.nonresource import VERSION
from cluster.apiserver.request import Request, User
from cluster.machinery.clock import micro_timestamp
from cluster.machinery.meta import Object

RECEIVED, STARTED, COMPLETE = "RequestReceived", "ResponseStarted", "ResponseComplete"
_DECISION, _REASON = "authorization.k8s.io/decision", "authorization.k8s.io/reason"
_COLLECTIONS = frozenset({"list", "watch", "deletecollection", "create"})


def events(exchange: Exchange, told: Told, identity: str) -> Iterator[Object]:
    """Yield the Events of one exchange in the order of their stages, but those the policy omits."""
    request = exchange.request
    stages = (RECEIVED, STARTED, COMPLETE) if request.verb == "watch" and exchange.code < 400 else (RECEIVED, COMPLETE)
    for stage in stages:
        if stage not in told.omitted:
            yield _event(exchange, told, identity, stage)


def _event(exchange: Exchange, told: Told, identity: str, stage: str) -> Object:
    request, moment = exchange.request, micro_timestamp(exchange.ended)
    event = {
        "kind": "Event",
        "apiVersion": API,
        "level": told.level,
        "auditID": identity,
        "stage": stage,
        "requestURI": request.uri or path_of(request),
        "verb": request.verb,
        "user": _user(request.impersonator or request.user),
        "impersonatedUser": _user(request.user) if request.impersonator else None,
        "sourceIPs": [request.source] if request.source else None,
        "userAgent": request.user_agent or _agent(request) or None,
        "objectRef": _reference(request, exchange.answer) if request.resource else None,
    }
    if stage != RECEIVED:
        event |= _response(exchange, told, stage)
    event |= {"requestReceivedTimestamp": moment, "stageTimestamp": moment}
    if stage != RECEIVED:
        event["annotations"] = _annotations(request) or None
    return {field: value for field, value in event.items() if value is not None}


def _response(exchange: Exchange, told: Told, stage: str) -> dict[str, Any]:
    found: dict[str, Any] = {"responseStatus": _status(exchange)}
    if told.level == METADATA:
        return found
    bare = told.without_managed_fields
    if isinstance(exchange.request.body, (dict, list)) and exchange.request.body:
        found["requestObject"] = _shown(exchange.request.body, bare)
    if told.level == RESPONSE and stage == COMPLETE:
        answer = exchange.error.status() if exchange.error is not None else exchange.answer
        found["responseObject"] = None if answer is None else _shown(answer, bare)
    return found


def _status(exchange: Exchange) -> Object:
    status: Object = {"metadata": {}}
    if exchange.error is not None:
        said = exchange.error.status()
        status |= {field: said[field] for field in ("status", "message", "reason", "details") if said.get(field)}
    return {**status, "code": exchange.code}


def _user(user: User) -> dict[str, Any]:
    found: dict[str, Any] = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    found["extra"] = {key: list(values) for key, values in user.extra.items()}
    return {field: value for field, value in found.items() if value}


def _agent(request: Request) -> str:
    """Return what the program behind an in-process request would call itself."""
    name = "kubectl" if request.field_manager.startswith("kubectl") else request.field_manager
    return f"{name}/{VERSION['gitVersion']} ({VERSION['platform']})" if name else ""


def _reference(request: Request, answer: Object | None) -> dict[str, str]:
    metadata = (answer or {}).get("metadata") or {}
    is_written = request.verb in ("create", "update", "patch") and not request.subresource
    found = {
        "resource": request.resource,
        "namespace": request.namespace,
        "name": request.name or (metadata.get("name", "") if is_written else ""),
        "uid": metadata.get("uid", "") if is_written else "",
        "apiGroup": request.group,
        "apiVersion": request.version,
        "resourceVersion": metadata.get("resourceVersion", "") if is_written else "",
        "subresource": request.subresource,
    }
    return {field: value for field, value in found.items() if value}


def _shown(value: Any, bare: bool) -> Any:
    if not bare or not isinstance(value, Mapping):
        return value
    shown = {**value}
    if isinstance(value.get("metadata"), Mapping):
        shown["metadata"] = {field: found for field, found in value["metadata"].items() if field != "managedFields"}
    if isinstance(value.get("items"), list):
        shown["items"] = [_shown(item, True) for item in value["items"]]
    return shown


def _annotations(request: Request) -> dict[str, str]:
    """Return what authorisers and plugins note: the decision, its reason, and the annotations of verdicts."""
    found: dict[str, str] = {}
    asked = [verdict for verdict in request.verdicts if verdict.stage == "authz"]
    if asked:
        yes = next((verdict for verdict in asked if verdict.allowed), None)
        found[_DECISION] = "allow" if yes else "forbid"
        found[_REASON] = yes.text if yes else "\n".join(verdict.text for verdict in asked if verdict.text)
    for verdict in request.verdicts:
        found |= verdict.detail.get("annotations") or {}
    return found


def path_of(request: Request) -> str:
    """Return the URL path that asks for the same."""
    words = ["", "apis", request.group] if request.group else ["", "api"]
    words.append(request.version)
    if request.namespace and request.resource != "namespaces":
        words += ["namespaces", request.namespace]
    words.append(request.resource)
    if request.name and (request.verb not in _COLLECTIONS or request.subresource):
        words.append(request.name)
    if request.subresource:
        words.append(request.subresource)
    return "/".join(words)
