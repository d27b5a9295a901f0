"""Checks of how one container restarts, other than its pod says (KEP-5307)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, required_one_of
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, too_many, unsupported

Part = Mapping[str, Any]

_POLICIES = ("Always", "Never", "OnFailure")
_MOST_RULES, _MOST_CODES, _HIGHEST = 20, 255, 255


def container_restart(path: str, container: Part) -> Errors:
    """Check a container's `restartPolicy` and `restartPolicyRules`."""
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or []
    errors: Errors = []
    if policy is None and rules:
        errors.append(required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used"))
    elif policy not in _POLICIES:
        errors.append(unsupported(f"{path}.restartPolicy", policy, _POLICIES))
    if policy == "Always" and rules:
        text = "rules are not allowed when restartPolicy is Always"
        errors.append(forbidden_field(f"{path}.restartPolicyRules", text))
    if len(rules) > _MOST_RULES:
        errors.append(too_many(f"{path}.restartPolicyRules", len(rules), _MOST_RULES))
    for index, rule in enumerate(rules):
        errors += _rule(f"{path}.restartPolicyRules[{index}]", rule)
    return errors


def _rule(path: str, rule: Part) -> Errors:
    errors = required_one_of(f"{path}.action", rule.get("action"), ("Restart", "RestartAllContainers"))
    codes = rule.get("exitCodes")
    if codes is None:
        return [*errors, required(f"{path}.exitCodes", "must be specified")]
    errors += required_one_of(f"{path}.exitCodes.operator", codes.get("operator"), ("In", "NotIn"))
    values = codes.get("values") or []
    if len(values) > _MOST_CODES:
        errors.append(too_many(f"{path}.exitCodes.values", len(values), _MOST_CODES))
    for index, value in enumerate(values):
        if not 0 <= value <= _HIGHEST:
            text = f"must be between 0 and {_HIGHEST}, inclusive"
            errors.append(invalid_value(f"{path}.exitCodes.values[{index}]", value, text))
    return errors
