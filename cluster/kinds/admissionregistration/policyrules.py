"""Checks of admission policies and their bindings; every expression is compiled.

Follows pkg/apis/admissionregistration/validation.
https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cluster.kinds.admissionregistration.expressions import Scope, judge, refused
from cluster.kinds.admissionregistration.rules import (
    FAILURE_POLICIES,
    Part,
    validate_conditions,
    validate_matching,
)
from cluster.kinds.validation.fields import Errors, one_of, required_one_of, texts
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.cel import CompileError
from cluster.machinery.fielderrors import duplicate, forbidden_field, invalid_value, required, too_many
from cluster.machinery.labels import key_errors
from cluster.machinery.names import dns_subdomain, path_segment

_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
_ACTIONS = ("Audit", "Deny", "Warn")
_NOT_SPECIFIED = "expression is not specified"
_ONE_NEEDED = "validations or auditAnnotations must contain at least one item"
_IDENTIFIER = re.compile(r"^[_a-zA-Z][_a-zA-Z0-9]*$")
_RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop"),
        *("namespace", "null", "package", "return", "true", "var", "void", "while"),
    )
)
_MOST_ANNOTATIONS = 20


def validate_validating(spec: Part) -> Errors:
    """Check a ValidatingAdmissionPolicy's spec."""
    scope = Scope(params=bool(spec.get("paramKind")))
    errors = _shared(spec, scope)
    validations, annotations = spec.get("validations") or [], spec.get("auditAnnotations") or []
    if not validations and not annotations:
        return [*errors, required("spec.validations", _ONE_NEEDED), required("spec.auditAnnotations", _ONE_NEEDED)]
    for index, one in enumerate(validations):
        errors += _validation(f"spec.validations[{index}]", one, scope)
    if len(annotations) > _MOST_ANNOTATIONS:
        errors.append(too_many("spec.auditAnnotations", len(annotations), _MOST_ANNOTATIONS))
        return errors
    for index, one in enumerate(annotations):
        errors += _annotation(f"spec.auditAnnotations[{index}]", one, scope)
    return errors + _twice("spec.auditAnnotations", annotations)


def validate_mutating(spec: Part) -> Errors:
    """Check a MutatingAdmissionPolicy's spec."""
    scope = Scope(params=bool(spec.get("paramKind")))
    errors = _shared(spec, scope)
    errors += required_one_of("spec.reinvocationPolicy", spec.get("reinvocationPolicy"), ("IfNeeded", "Never"))
    mutations = spec.get("mutations") or []
    if not mutations:
        errors.append(required("spec.mutations", "mutations must contain at least one item"))
    for index, one in enumerate(mutations):
        errors += _mutation(f"spec.mutations[{index}]", one, scope)
    return errors


def _shared(spec: Part, scope: Scope) -> Errors:
    errors = required_one_of("spec.failurePolicy", spec.get("failurePolicy"), FAILURE_POLICIES)
    if spec.get("paramKind") is not None:
        errors += _param_kind("spec.paramKind", spec["paramKind"])
    constraints = spec.get("matchConstraints")
    if constraints is None:
        errors.append(required("spec.matchConstraints"))
    else:
        errors += validate_matching("spec.matchConstraints", constraints)
        if not constraints.get("resourceRules"):
            errors.append(required("spec.matchConstraints.resourceRules"))
    errors += validate_conditions("spec.matchConditions", spec.get("matchConditions") or (), scope)
    for index, variable in enumerate(spec.get("variables") or ()):
        errors += _variable(f"spec.variables[{index}]", variable, scope)
    return errors


def _param_kind(path: str, kind: Part) -> Errors:
    version, name = kind.get("apiVersion") or "", kind.get("kind") or ""
    errors: Errors = []
    if not version:
        errors.append(required(f"{path}.apiVersion"))
    elif version.count("/") > 1:
        errors.append(invalid_value(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}"))
    return errors if name else [*errors, required(f"{path}.kind")]


def _variable(path: str, variable: Part, scope: Scope) -> Errors:
    name, expression = variable.get("name") or "", variable.get("expression") or ""
    errors: Errors = []
    if not name.strip():
        errors.append(required(f"{path}.name", "name is not specified"))
    elif not _IDENTIFIER.match(name) or name in _RESERVED:
        errors.append(invalid_value(f"{path}.name", name, "name is not a valid CEL identifier"))
    elif name in scope.programs:
        errors.append(duplicate(f"{path}.name", name))
    if not expression.strip():
        errors.append(required(f"{path}.expression", _NOT_SPECIFIED))
    if errors:
        return errors
    try:
        scope.add_variable(name, expression)
    except CompileError as error:
        scope.declare_variable(name)
        return [refused(f"{path}.expression", expression, error)]
    return []


def _validation(path: str, one: Part, scope: Scope) -> Errors:
    expression, message = one.get("expression") or "", one.get("message") or ""
    errors = _expression(f"{path}.expression", expression, scope, "bool")
    worded = one.get("messageExpression") or ""
    if worded and not worded.strip():
        errors.append(invalid_value(f"{path}.messageExpression", worded, "must be non-empty if specified"))
    elif worded:
        errors += judge(scope, f"{path}.messageExpression", worded, "string", authorizer=False)
    errors += _message(f"{path}.message", message, expression)
    if one.get("reason") is not None:
        errors += one_of(f"{path}.reason", one["reason"], _REASONS)
    return errors


def _message(path: str, message: str, expression: str) -> Errors:
    if message and not message.strip():
        return [invalid_value(path, message, "message must be non-empty if specified")]
    if "\n" in message.strip():
        return [invalid_value(path, message, "message must not contain line breaks")]
    if "\n" in expression.strip() and not message:
        return [required(path, "message must be specified if expression contains line breaks")]
    return []


def _expression(path: str, expression: str, scope: Scope, *types: str) -> Errors:
    return judge(scope, path, expression, *types) if expression.strip() else [required(path, _NOT_SPECIFIED)]


def _annotation(path: str, one: Part, scope: Scope) -> Errors:
    key, expression = one.get("key") or "", one.get("valueExpression") or ""
    errors = texts(f"{path}.key", key, key_errors(key)) if key else [required(f"{path}.key")]
    if not expression.strip():
        return [*errors, required(f"{path}.valueExpression", "valueExpression is not specified")]
    return errors + judge(scope, f"{path}.valueExpression", expression, "string", "null_type")


def _twice(path: str, annotations: Sequence[Part]) -> Errors:
    keys = [one.get("key") for one in annotations]
    return [duplicate(f"{path}[{at}].key", key) for at, key in enumerate(keys) if key in keys[:at]]


def _mutation(path: str, one: Part, scope: Scope) -> Errors:
    patch_type = one.get("patchType")
    field = _PATCHES.get(patch_type or "")
    if field is None:
        return required_one_of(f"{path}.patchType", patch_type, tuple(_PATCHES))
    if one.get(field) is None:
        return [required(f"{path}.{field}", f"{field} must be specified when patchType is {patch_type}")]
    errors = [
        invalid_value(f"{path}.{other}", "{}", f"{other} must not be specified when patchType is {patch_type}")
        for other in _PATCHES.values()
        if other != field and one.get(other) is not None
    ]
    return errors + _expression(f"{path}.{field}.expression", one[field].get("expression") or "", scope)


_PATCHES: Mapping[str, str] = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}


def validate_binding(spec: Part, *, with_actions: bool) -> Errors:
    """Check a policy's binding."""
    errors: Errors = []
    name = spec.get("policyName") or ""
    errors += texts("spec.policyName", name, dns_subdomain(name)) if name else [required("spec.policyName")]
    if spec.get("paramRef") is not None:
        errors += _param_ref("spec.paramRef", spec["paramRef"])
    if spec.get("matchResources"):
        errors += validate_matching("spec.matchResources", spec["matchResources"])
    return errors + (_actions("spec.validationActions", spec.get("validationActions") or []) if with_actions else [])


def _param_ref(path: str, reference: Part) -> Errors:
    name, selector = reference.get("name") or "", reference.get("selector")
    errors: Errors = []
    if name:
        errors += texts(f"{path}.name", name, path_segment(name))
        if selector is not None:
            errors.append(forbidden_field(f"{path}.name", "name and selector are mutually exclusive"))
    if selector is not None:
        errors += label_selector(f"{path}.selector", selector)
        if name:
            errors.append(forbidden_field(f"{path}.selector", "name and selector are mutually exclusive"))
    if not name and selector is None:
        errors.append(required(path, "one of name or selector must be specified"))
    return errors + required_one_of(
        f"{path}.parameterNotFoundAction", reference.get("parameterNotFoundAction"), ("Deny", "Allow")
    )


def _actions(path: str, actions: Sequence[str]) -> Errors:
    errors: Errors = []
    if not actions:
        errors.append(required(path, "at least one validation action is required"))
    for index, action in enumerate(actions):
        errors += one_of(f"{path}[{index}]", action, _ACTIONS)
        if action in actions[:index]:
            errors.append(duplicate(f"{path}[{index}]", action))
    if "Deny" in actions and "Warn" in actions:
        text = "must not contain both Deny and Warn (repeating the same validation failure information in the API "
        text += "response and headers serves no purpose)"
        errors.append(invalid_value(path, list(actions), text))
    return errors
