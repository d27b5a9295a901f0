"""Checks of webhook configurations, and of what admission policies share with them: rules, selectors, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kinds.admissionregistration.expressions import Scope, judge
from cluster.kinds.validation.fields import Errors, one_of, texts
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.fielderrors import duplicate, invalid_value, required, too_many, unsupported
from cluster.machinery.labels import key_errors
from cluster.machinery.names import dns_subdomain

Part = Mapping[str, Any]

FAILURE_POLICIES = ("Fail", "Ignore")
_MATCH = ("Equivalent", "Exact")
_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SIDE_EFFECTS = ("None", "NoneOnDryRun")
_VERSIONS = ("v1", "v1beta1")


def validate_webhooks(hooks: list[Part]) -> Errors:
    errors: Errors = []
    seen: set[str] = set()
    for index, hook in enumerate(hooks):
        here, name = f"webhooks[{index}]", hook.get("name") or ""
        if name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
        errors += _hook(here, name, hook)
    return errors


def _hook(path: str, name: str, hook: Part) -> Errors:
    errors = texts(f"{path}.name", name, dns_subdomain(name)) if name else [required(f"{path}.name")]
    if name and not errors and name.count(".") < 2:
        text = "should be a domain with at least three segments separated by dots"
        errors.append(invalid_value(f"{path}.name", name, text))
    errors += _versions(f"{path}.admissionReviewVersions", hook.get("admissionReviewVersions") or [])
    for index, rule in enumerate(hook.get("rules") or ()):
        errors += _rule(f"{path}.rules[{index}]", rule)
    errors += one_of(f"{path}.failurePolicy", hook.get("failurePolicy"), FAILURE_POLICIES)
    errors += one_of(f"{path}.matchPolicy", hook.get("matchPolicy"), _MATCH)
    effects = hook.get("sideEffects")
    if not effects:
        errors.append(required(f"{path}.sideEffects", "must specify one of None, NoneOnDryRun"))
    else:
        errors += one_of(f"{path}.sideEffects", effects, _SIDE_EFFECTS)
    seconds = hook.get("timeoutSeconds")
    if seconds is not None and not 1 <= seconds <= 30:
        text = "the timeout value must be between 1 and 30 seconds"
        errors.append(invalid_value(f"{path}.timeoutSeconds", seconds, text))
    for field in ("namespaceSelector", "objectSelector"):
        errors += label_selector(f"{path}.{field}", hook.get(field))
    errors += _client(f"{path}.clientConfig", hook.get("clientConfig") or {})
    conditions = hook.get("matchConditions")
    return errors + (validate_conditions(f"{path}.matchConditions", conditions, Scope()) if conditions else [])


def _versions(path: str, versions: list[str]) -> Errors:
    if not versions:
        return [required(path, "must specify one of v1, v1beta1")]
    if not set(versions) & set(_VERSIONS):
        return [invalid_value(path, versions, "must include at least one of v1, v1beta1")]
    return []


def _client(path: str, client: Part) -> Errors:
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        return [required(path, "exactly one of url or service is required")]
    if service is not None:
        missing = [field for field in ("name", "namespace") if not service.get(field)]
        return [required(f"{path}.service.{field}", f"service {field} is required") for field in missing]
    if not str(url).startswith("https://"):
        text = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        return [invalid_value(f"{path}.url", str(url).partition("://")[0], text)]
    return []


def _rule(path: str, rule: Part) -> Errors:
    errors: Errors = []
    operations = rule.get("operations") or []
    if not operations:
        errors.append(required(f"{path}.operations"))
    if len(operations) > 1 and "*" in operations:
        text = "if '*' is present, must not specify other operations"
        errors.append(invalid_value(f"{path}.operations", operations, text))
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            errors.append(unsupported(f"{path}.operations[{index}]", operation, _OPERATIONS))
    for field in ("apiGroups", "apiVersions", "resources"):
        if not rule.get(field):
            errors.append(required(f"{path}.{field}"))
    scope = rule.get("scope")
    if scope is not None:
        errors += one_of(f"{path}.scope", scope, ("*", "Cluster", "Namespaced"))
    return errors


def validate_matching(path: str, matched: Part) -> Errors:
    """Check a policy's `matchConstraints` or a binding's `matchResources`."""
    errors: Errors = []
    for field in ("namespaceSelector", "objectSelector"):
        errors += label_selector(f"{path}.{field}", matched.get(field))
    for field in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(matched.get(field) or ()):
            errors += _rule(f"{path}.{field}[{index}]", rule)
    return errors + one_of(f"{path}.matchPolicy", matched.get("matchPolicy"), _MATCH)


_MOST_CONDITIONS = 64


def validate_conditions(path: str, conditions: Sequence[Part], scope: Scope) -> Errors:
    """Check match conditions: each has a name of its own and an expression that gives a bool."""
    if len(conditions) > _MOST_CONDITIONS:
        return [too_many(path, len(conditions), _MOST_CONDITIONS)]
    errors: Errors = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        here, name = f"{path}[{index}]", condition.get("name") or ""
        expression = condition.get("expression") or ""
        if expression.strip():
            errors += judge(scope, f"{here}.expression", expression, "bool")
        else:
            errors.append(required(f"{here}.expression"))
        errors += texts(f"{here}.name", name, key_errors(name)) if name else [required(f"{here}.name")]
        if name and name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
    return errors
