"""ValidatingAdmissionPolicy: rules in CEL that refuse a request, warn of it or note it in the audit log.

Follows k8s.io/apiserver `admission/plugin/policy/validating`.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from cluster.apiserver.admission.expressions import Bindings, bindings_of, evaluated, with_variables
from cluster.apiserver.admission.matching import EXEMPT, GROUP
from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.policies import (
    Binding,
    Misconfigured,
    Policies,
    Policy,
    conditions_hold,
    matched_version,
    parameters,
)
from cluster.apiserver.attributes import CONNECT, CREATE, DELETE, UPDATE, Attributes
from cluster.machinery.cel import CelError, Program
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

_CODES = {"Unauthorized": 401, "Forbidden": 403, "RequestEntityTooLarge": 413}
_LONGEST_MESSAGE = 5 * 1024
_FAILURES = "validation.policy.admission.k8s.io/validation_failure"


@dataclass(frozen=True, slots=True)
class Validation:
    """One rule of a policy."""

    program: Program
    message: str
    worded: Program | None
    reason: str

    @classmethod
    def of(cls, policy: Policy, given: Mapping[str, Any]) -> Validation:
        worded = given.get("messageExpression")
        return cls(
            policy.scope.ready(given["expression"], "bool"),
            (given.get("message") or "").strip(),
            policy.scope.ready(worded, "string", authorizer=False) if worded else None,
            given.get("reason") or "Invalid",
        )

    def text(self, bindings: Bindings) -> str:
        """Return the message of a failure: the expression's, or the fixed one, or the rule itself."""
        return self._said(bindings) or self.message or f"failed expression: {self.program.expression.strip()}"

    def _said(self, bindings: Bindings) -> str:
        if self.worded is None:
            return ""
        try:
            said = self.worded.evaluate(bindings)
        except CelError:
            return ""
        usable = isinstance(said, str) and "\n" not in said and len(said.encode()) <= _LONGEST_MESSAGE
        return said.strip() if usable else ""


@dataclass(frozen=True, slots=True)
class Rules:
    """A policy with its validations and audit annotations."""

    policy: Policy
    validations: tuple[Validation, ...]
    annotations: Mapping[str, Program]

    @classmethod
    def of(cls, stored: Object) -> Rules:
        policy = Policy.of(stored)
        validations = tuple(Validation.of(policy, given) for given in policy.spec.get("validations") or ())
        annotations = {
            given["key"]: policy.scope.ready(given["valueExpression"], "string", "null_type")
            for given in policy.spec.get("auditAnnotations") or ()
        }
        return cls(policy, validations, annotations)


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that did not hold, or could not be evaluated; `place` is its number in the policy."""

    text: str
    reason: str = "Invalid"
    place: int = 0


class ValidatingAdmissionPolicy(Plugin):
    name = "ValidatingAdmissionPolicy"
    operations = (CREATE, UPDATE, DELETE, CONNECT)
    judges = True

    def __init__(self) -> None:
        definitions, bindings = f"validatingadmissionpolicies.{GROUP}", f"validatingadmissionpolicybindings.{GROUP}"
        self._policies = Policies(definitions, bindings, Rules.of)

    def judge(self, attributes: Attributes) -> None:
        found = self._policies.of(attributes.server.store)
        if not found or attributes.kind.resource in EXEMPT:
            return
        denials: list[StatusError] = []
        for rules, bindings in found:
            for binding in bindings:
                denials += _judged(rules, binding, attributes)
        if denials:
            raise denials[0]


def _judged(rules: Rules, binding: Binding, attributes: Attributes) -> Iterator[StatusError]:
    """Evaluate a policy as one binding applies it; warn and note, and yield what denies."""
    version = matched_version(rules.policy, binding, attributes)
    if not version:
        return
    try:
        given = parameters(rules.policy, binding, attributes)
    except Misconfigured as error:
        if not rules.policy.ignores_failure:
            yield _denial(rules.policy, binding, attributes, Failure(str(error)))
        return
    for params in given:
        failures = list(_failures(rules, attributes, bindings_of(attributes, version, params)))
        yield from _acted(rules.policy, binding, attributes, failures)


def _failures(rules: Rules, attributes: Attributes, request: Bindings) -> Iterator[Failure]:
    try:
        if not conditions_hold(rules.policy, request):
            return
    except CelError as error:
        if not rules.policy.ignores_failure:
            yield Failure(str(error))
        return
    bindings = with_variables(request, rules.policy.variables) if rules.policy.variables else request
    for text in _annotated(rules, attributes, bindings):
        if not rules.policy.ignores_failure:
            yield Failure(text)
    for place, validation in enumerate(rules.validations):
        try:
            if evaluated(validation.program, bindings) is not True:
                yield Failure(validation.text(bindings), validation.reason, place)
        except CelError as error:
            if not rules.policy.ignores_failure:
                yield Failure(str(error), place=place)


def _annotated(rules: Rules, attributes: Attributes, bindings: Bindings) -> list[str]:
    """Leave the policy's audit annotations, as `policy/key`, with the verdicts; return what could not be evaluated."""
    values: dict[str, str] = {}
    errors = []
    for key, program in rules.annotations.items():
        try:
            value = evaluated(program, bindings)
        except CelError as error:
            errors.append(str(error))
        else:
            if isinstance(value, str) and value.strip():
                values[f"{rules.policy.name}/{key}"] = value.strip()
    _leave(rules.policy.name, values, attributes)
    return errors


def _leave(policy: str, annotations: Mapping[str, str], attributes: Attributes) -> None:
    if annotations:
        detail = {"policy": policy, "annotations": annotations}
        attributes.verdict("validating", ValidatingAdmissionPolicy.name, True, "", detail)


def _acted(policy: Policy, binding: Binding, attributes: Attributes, failures: list[Failure]) -> Iterator[StatusError]:
    for failure in failures:
        if "Warn" in binding.actions:
            where = f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding.name}'"
            attributes.warn(f"Validation failed for {where}: {failure.text}")
        if "Deny" in binding.actions:
            yield _denial(policy, binding, attributes, failure)
    if failures and "Audit" in binding.actions:
        _audit(policy, binding, attributes, failures)


def _audit(policy: Policy, binding: Binding, attributes: Attributes, failures: list[Failure]) -> None:
    noted = [
        {
            "message": failure.text,
            "policy": policy.name,
            "binding": binding.name,
            "expressionIndex": str(failure.place),
            "validationActions": sorted(binding.actions),
        }
        for failure in failures
    ]
    _leave(policy.name, {_FAILURES: orjson.dumps(noted).decode()}, attributes)


def _denial(policy: Policy, binding: Binding, attributes: Attributes, failure: Failure) -> StatusError:
    text = f"ValidatingAdmissionPolicy '{policy.name}' with binding '{binding.name}' denied request: {failure.text}"
    error = attributes.forbid(text)
    details = {**error.details, "causes": [{"message": text}]}
    return StatusError(_CODES.get(failure.reason, 422), failure.reason, error.message, details)
