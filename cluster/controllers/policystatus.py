"""Type checking of ValidatingAdmissionPolicies: what their expressions get wrong of the kinds they match.

Follows pkg/controller/validatingadmissionpolicystatus. Parameters are not checked.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#type-checking
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cluster.apiserver.custom import CustomKind
from cluster.controllers.base import Controller, Handler, own_key
from cluster.kinds import schema as schemas
from cluster.kinds.admissionregistration.expressions import Scope
from cluster.kinds.kind import Kind
from cluster.machinery.cel import CompileError
from cluster.machinery.cel.shapes import DYN, Schema
from cluster.machinery.meta import Object

POLICIES = "validatingadmissionpolicies.admissionregistration.k8s.io"
_MOST_KINDS = 10
_DEEPEST = 20  # schemas that contain themselves end here


class PolicyStatus(Controller):
    name = "validatingadmissionpolicy-status"
    account = "validatingadmissionpolicy-status-controller"
    source = "validatingadmissionpolicy-status"

    def watches(self) -> Mapping[str, Handler]:
        return {POLICIES: own_key}

    def reconcile(self, key: str) -> float | None:
        policy = self.store.get(POLICIES, "", key)
        if policy is None:
            return None
        generation = policy["metadata"].get("generation")
        if (policy.get("status") or {}).get("observedGeneration") == generation:
            return None
        warnings = list(_warnings(policy["spec"], self._matched(policy["spec"])))
        checked = {"expressionWarnings": warnings} if warnings else {}
        status = {**(policy.get("status") or {}), "observedGeneration": generation, "typeChecking": checked}
        self.client.update_status(POLICIES, {**policy, "status": status})
        return None

    def _matched(self, spec: Mapping[str, Any]) -> Sequence[tuple[str, Kind]]:
        """Return (version, kind) of the resources that the rules name, wildcards left out."""
        found: dict[tuple[str, str, str], tuple[str, Kind]] = {}
        for rule in (spec.get("matchConstraints") or {}).get("resourceRules") or ():
            for group, version, resource in _combinations(rule):
                kind = self.client.server.registry.find(group, version, resource)
                if kind is not None:
                    found[(group, version, kind.kind)] = version, kind
        return [found[key] for key in sorted(found)][:_MOST_KINDS]


def _combinations(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for group in rule.get("apiGroups") or ():
        for version in rule.get("apiVersions") or ():
            for resource in rule.get("resources") or ():
                if "*" not in (group, version) and "*" not in resource and "/" not in resource:
                    yield group, version, resource


def _warnings(spec: Mapping[str, Any], kinds: Sequence[tuple[str, Kind]]) -> Iterator[Object]:
    scopes = [(f"{_shown(kind, version)}", _scope(spec, kind, version)) for version, kind in kinds]
    for index, validation in enumerate(spec.get("validations") or ()):
        for field in ("expression", "messageExpression"):
            if validation.get(field):
                said = [text for text in (_said(name, scope, validation[field]) for name, scope in scopes) if text]
                if said:
                    yield {"fieldRef": f"spec.validations[{index}].{field}", "warning": "\n".join(said)}


def _shown(kind: Kind, version: str) -> str:
    return f"{kind.group}/{version}, Kind={kind.kind}" if kind.group else f"/{version}, Kind={kind.kind}"


def _scope(spec: Mapping[str, Any], kind: Kind, version: str) -> Scope:
    scope = Scope(params=bool(spec.get("paramKind")), objects=_schema_of(kind, version))
    for variable in spec.get("variables") or ():
        try:
            scope.add_variable(variable["name"], variable["expression"])
        except CompileError:
            scope.declare_variable(variable["name"])
    return scope


def _said(name: str, scope: Scope, expression: str) -> str:
    try:
        scope.compile(expression)
    except CompileError as error:
        return f"{name}: {str(error).removeprefix('compilation failed: ')}"
    return ""


def _schema_of(kind: Kind, version: str) -> Schema:
    if isinstance(kind, CustomKind):
        return kind.schema
    found = schemas.of_kind(kind.group, version, kind.kind)
    return _typed(found, 0) if found is not None else DYN


def _typed(schema: schemas.Schema, depth: int) -> Schema:
    """Return a published schema as the type checker reads it, references followed."""
    if depth > _DEEPEST or schemas.is_int_or_string(schema) or schemas.is_quantity(schema):
        return DYN
    known = schemas.resolve(schema)
    properties = schemas.properties(known)
    if properties:
        return {"type": "object", "properties": {name: _typed(one, depth + 1) for name, one in properties.items()}}
    inner = schemas.items(known)
    if inner is not None:
        return {"type": "array", "items": _typed(inner, depth + 1)}
    values = schemas.values(known)
    if values is not None:
        return {"type": "object", "additionalProperties": _typed(values, depth + 1)}
    return {key: known[key] for key in ("type", "format") if key in known} or DYN
