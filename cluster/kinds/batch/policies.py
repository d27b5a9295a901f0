"""Checks of what a Job makes of its pods' failures and successes.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.validation.fields import Errors, not_negative, one_of, qualified
from cluster.machinery.fielderrors import OMITTED, duplicate, invalid_value, required, too_many

Spec = Mapping[str, Any]

_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_STATUSES = ("False", "True", "Unknown")
_MOST_RULES, _MOST_CODES = 20, 255


def _chosen(path: str, value: str, allowed: Sequence[str]) -> Errors:
    if value:
        return one_of(path, value, allowed)
    listed = " ".join(f'"{one}"' for one in allowed)
    return [required(path, f"valid values: [{listed}]")]


def failure_policy(path: str, spec: Spec) -> Errors:
    """Check `podFailurePolicy` of a job's spec."""
    rules = spec["podFailurePolicy"].get("rules") or []
    errors: Errors = []
    if len(rules) > _MOST_RULES:
        errors.append(too_many(f"{path}.rules", len(rules), _MOST_RULES))
    pod = (spec.get("template") or {}).get("spec") or {}
    names = {one.get("name") for field in ("containers", "initContainers") for one in pod.get(field) or ()}
    for index, rule in enumerate(rules):
        errors += _failure_rule(f"{path}.rules[{index}]", rule, spec, names)
    return errors


def _failure_rule(path: str, rule: Spec, spec: Spec, names: set[Any]) -> Errors:
    action = rule.get("action") or ""
    errors = _chosen(f"{path}.action", action, _ACTIONS)
    if action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        errors.append(invalid_value(f"{path}.action", action, "requires the backoffLimitPerIndex to be set"))
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or []
    if codes is not None:
        errors += _exit_codes(f"{path}.onExitCodes", codes, names)
    if conditions:
        errors += _conditions(f"{path}.onPodConditions", conditions)
    if codes is not None and conditions:
        text = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(invalid_value(path, OMITTED, text))
    if codes is None and not conditions:
        text = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(invalid_value(path, OMITTED, text))
    return errors


def _conditions(path: str, patterns: Sequence[Spec]) -> Errors:
    errors: Errors = []
    if len(patterns) > _MOST_RULES:
        errors.append(too_many(path, len(patterns), _MOST_RULES))
    for index, pattern in enumerate(patterns):
        errors += qualified(f"{path}[{index}].type", pattern.get("type") or "")
        errors += _chosen(f"{path}[{index}].status", pattern.get("status") or "", _STATUSES)
    return errors


def _exit_codes(path: str, codes: Spec, names: set[Any]) -> Errors:
    operator, container, values = codes.get("operator") or "", codes.get("containerName"), codes.get("values") or []
    errors = _chosen(f"{path}.operator", operator, _OPERATORS)
    if container is not None and container not in names:
        text = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid_value(f"{path}.containerName", container, text))
    if not values:
        errors.append(invalid_value(f"{path}.values", values or None, "at least one value is required"))
    elif len(values) > _MOST_CODES:
        errors.append(too_many(f"{path}.values", len(values), _MOST_CODES))
    for index, value in enumerate(values):
        where = f"{path}.values[{index}]"
        if operator == "In" and value == 0:
            errors.append(invalid_value(where, value, "must not be 0 for the In operator"))
        if value in values[:index]:
            errors.append(duplicate(where, value))
    if values != sorted(values):
        errors.append(invalid_value(f"{path}.values", values, "must be ordered"))
    return errors


def success_policy(path: str, spec: Spec) -> Errors:
    """Check `successPolicy` of a job's spec."""
    policy = spec["successPolicy"]
    if spec.get("completionMode") != "Indexed":
        shown = internal("SuccessPolicy", policy)
        return [invalid_value(path, shown, "requires indexed completion mode")]
    rules = policy.get("rules") or []
    errors: Errors = []
    if not rules:
        text = "at least one rules must be specified when the successPolicy is specified"
        errors.append(required(f"{path}.rules", text))
    if len(rules) > _MOST_RULES:
        errors.append(too_many(f"{path}.rules", len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        errors += _success_rule(f"{path}.rules[{index}]", rule, spec)
    return errors


def _success_rule(path: str, rule: Spec, spec: Spec) -> Errors:
    count, completions = rule.get("succeededCount"), spec.get("completions")
    if count is None and rule.get("succeededIndexes") is None:
        text = "at least one of succeededCount or succeededIndexes must be specified"
        return [required(path, text)]
    errors = not_negative(f"{path}.succeededCount", count)
    if count is not None and completions is not None and count > completions:
        text = f"must be less than or equal to {completions} (the number of specified completions)"
        errors.append(invalid_value(f"{path}.succeededCount", count, text))
    return errors
