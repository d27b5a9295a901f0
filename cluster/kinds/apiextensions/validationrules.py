"""Checks of the validation rules in a CustomResourceDefinition's schema: every one is compiled.

Follows apiextensions-apiserver `pkg/apis/apiextensions/validation`. Simplified: what a rule may cost is not estimated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cluster.kinds.apiextensions.rulescope import RULES, Rule, RuleScope
from cluster.kinds.internal import internal
from cluster.kinds.validation.fields import Errors
from cluster.machinery.cel import CompileError
from cluster.machinery.cel.shapes import Schema
from cluster.machinery.fielderrors import invalid_value, required, unsupported

_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\['([^']+)'\]")


def validate_rules(path: str, schema: Schema) -> Errors:
    """Check the rules of a version's schema; `path` is where its `openAPIV3Schema` stands."""
    places = [place for place in _places(path, schema, "") if place[1].get(RULES)]
    errors: Errors = []
    for here, part, _ in places:
        for index, rule in enumerate(part[RULES]):
            errors += _shape(f"{here}.{RULES}[{index}]", rule, part)
    if errors:
        return errors
    for here, part, lost in places:
        errors += _compiled(here, part, lost, whole=here == path)
    return errors


def _places(path: str, schema: Schema, lost: str) -> Iterator[tuple[str, Schema, str]]:
    """Yield (path, schema, path of the list inside which old values cannot be found) of every place."""
    yield path, schema, lost
    for name, inner in sorted((schema.get("properties") or {}).items()):
        yield from _places(f"{path}.properties[{name}]", inner, lost)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from _places(f"{path}.additionalProperties", schema["additionalProperties"], lost)
    if isinstance(schema.get("items"), Mapping):
        keyed = schema.get("x-kubernetes-list-type") == "map"
        yield from _places(f"{path}.items", schema["items"], lost or ("" if keyed else path))


def _shape(path: str, rule: Rule, schema: Schema) -> Errors:
    errors = _texts(path, rule)
    worded = rule.get("messageExpression") or ""
    if worded and not worded.strip():
        errors.append(required(f"{path}.messageExpression", "must be non-empty if specified"))
    if rule.get("reason") is not None and rule["reason"] not in _REASONS:
        errors.append(unsupported(f"{path}.reason", rule["reason"], _REASONS))
    if rule.get("fieldPath"):
        errors += _field_path(f"{path}.fieldPath", rule["fieldPath"], schema)
    return errors


def _texts(path: str, rule: Rule) -> Errors:
    expression, message = rule.get("rule") or "", rule.get("message") or ""
    if not expression.strip():
        return [required(f"{path}.rule", "rule is not specified")]
    if message and not message.strip():
        return [invalid_value(f"{path}.message", message, "message must be non-empty if specified")]
    if "\n" in message.strip():
        return [invalid_value(f"{path}.message", message, "message must not contain line breaks")]
    if "\n" in expression.strip() and not message:
        return [required(f"{path}.message", "message must be specified if rule contains line breaks")]
    return []


def _field_path(path: str, given: str, schema: Schema) -> Errors:
    if not given.strip():
        return [invalid_value(path, given, "fieldPath must be non-empty if specified")]
    if "\n" in given:
        return [invalid_value(path, given, "fieldPath must not contain line breaks")]
    steps = list(_STEP.finditer(given))
    spelled = "".join(match[0] for match in steps) == given
    if spelled and _leads_somewhere(schema, [match[1] or match[2] for match in steps]):
        return []
    return [invalid_value(path, given, "fieldPath must be a valid path")]


def _leads_somewhere(schema: Schema, steps: list[str]) -> bool:
    for step in steps:
        inner = (schema.get("properties") or {}).get(step, schema.get("additionalProperties"))
        if not isinstance(inner, Mapping):
            return False
        schema = inner
    return True


def _compiled(path: str, schema: Schema, lost: str, *, whole: bool) -> Errors:
    scope = RuleScope(schema, whole=whole)
    errors: Errors = []
    for index, rule in enumerate(schema[RULES]):
        here, shown = f"{path}.{RULES}[{index}]", internal("ValidationRule", rule)
        found, program = _attempt(scope.rule, rule, f"{here}.rule", shown)
        errors += found
        if rule.get("messageExpression"):
            errors += _attempt(scope.message, rule, f"{here}.messageExpression", shown)[0]
        if program is not None:
            errors += _transition(here, rule, lost, "oldSelf" in program.names)
    return errors


def _attempt(compile_rule: Callable[[Rule], Any], rule: Rule, path: str, shown: Any) -> tuple[Errors, Any]:
    try:
        return [], compile_rule(rule)
    except CompileError as error:
        return [invalid_value(path, shown, str(error))], None


def _transition(path: str, rule: Rule, lost: str, reads_old: bool) -> Errors:
    if reads_old and lost:
        text = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {lost}"
        return [invalid_value(f"{path}.rule", rule["rule"], text)]
    if not reads_old and rule.get("optionalOldSelf") is not None:
        text = "may not be set if oldSelf is not used in rule"
        return [invalid_value(f"{path}.optionalOldSelf", rule["optionalOldSelf"], text)]
    return []
