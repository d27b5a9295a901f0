"""What the expressions of policies and match conditions are given: one request as CEL values.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.apiserver.admission import review
from cluster.apiserver.attributes import Attributes
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.request import service_account
from cluster.machinery.cel import CelError, Program
from cluster.machinery.cel.evaluator import Lazy
from cluster.machinery.cel.library.authorization import Authorizer, Question, ResourceCheck
from cluster.machinery.cel.library.times import timestamp
from cluster.machinery.meta import Object

_TIMES = ("creationTimestamp", "deletionTimestamp")

Bindings = dict[str, Any]


def bindings_of(attributes: Attributes, version: str = "", params: Object | None = None) -> Bindings:
    """Return the variables of a request; objects are shown in `version` (the request's own where it is empty)."""
    shown = version or attributes.request.version
    return {
        "object": review.shown(attributes, attributes.draft, shown),
        "oldObject": review.shown(attributes, attributes.old, shown),
        "request": Lazy(lambda: request_of(attributes, shown)),
        "namespaceObject": Lazy(lambda: _namespace_of(attributes)),
        "authorizer": Lazy(lambda: _authorizer(attributes)),
        "authorizer.requestResource": Lazy(lambda: _request_resource(attributes)),
        "params": params,
    }


def with_variables(bindings: Bindings, programs: Mapping[str, Program]) -> Bindings:
    """Add `variables`, each worked out when it is first asked for."""
    known: dict[str, Any] = {}
    result = {**bindings, "variables": known}
    for name, program in programs.items():
        known[name] = Lazy(lambda name=name, program=program: _variable(name, program, result))  # type: ignore[misc]
    return result


def _variable(name: str, program: Program, bindings: Bindings) -> Any:
    try:
        return program.evaluate(bindings)
    except CelError as error:
        raise CelError(f'composited variable "{name}" fails to evaluate: {error}') from None


def evaluated(program: Program, bindings: Bindings) -> Any:
    """Evaluate; an error names the expression, as the real server's do."""
    try:
        return program.evaluate(bindings)
    except CelError as error:
        raise CelError(f"expression '{program.expression}' resulted in error: {error}") from None


def request_of(attributes: Attributes, version: str) -> Object:
    """Return the AdmissionRequest without its objects, which are variables of their own."""
    asked: Object = review.of(attributes, version, "", "v1")["request"]
    return {field: value for field, value in asked.items() if field not in ("uid", "object", "oldObject")}


def _namespace_of(attributes: Attributes) -> Object | None:
    """Return the namespace a request is in; null for what has none."""
    if not attributes.kind.namespaced and attributes.kind.resource != "namespaces":
        return None
    name = attributes.namespace if attributes.kind.namespaced else attributes.name
    found = attributes.server.store.get("namespaces", "", name)
    if found is None:
        return None
    metadata = {key: value for key, value in found["metadata"].items() if key != "managedFields"}
    metadata["UID"] = metadata.pop("uid", "")
    metadata.update({key: timestamp(metadata[key]) for key in _TIMES if metadata.get(key)})
    return {**found, "metadata": metadata}


def _authorizer(attributes: Attributes) -> Authorizer:
    def decide(question: Question) -> tuple[bool, str]:
        user = attributes.request.user if question.account is None else service_account(*question.account)
        if question.path:
            asked = Asked(question.verb, path=question.path)
        else:
            resource = f"{question.resource}/{question.subresource}" if question.subresource else question.resource
            asked = Asked(question.verb, question.group, resource, question.namespace, question.name)
        decided = attributes.server.authorizer.decide(user, asked)
        return bool(decided[0]), str(decided[1])

    return Authorizer(decide)


def _request_resource(attributes: Attributes) -> ResourceCheck:
    kind = attributes.kind
    question = Question(
        group=kind.group,
        resource=kind.plural,
        subresource=attributes.subresource,
        namespace=attributes.namespace,
        name=attributes.name,
    )
    return ResourceCheck(_authorizer(attributes).decide, question)
