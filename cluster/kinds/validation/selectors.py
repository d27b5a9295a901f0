"""Checks of label selectors, node selectors and how a workload's selector meets its template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, labels, qualified, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required
from cluster.machinery.labels import value_errors

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
Selector = Mapping[str, Any]


def label_selector(path: str, selector: Selector | None) -> Errors:
    """Check a `metav1.LabelSelector`."""
    if not selector:
        return []
    errors = labels(f"{path}.matchLabels", selector.get("matchLabels"))
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        errors += _requirement(f"{path}.matchExpressions[{index}]", expression)
    return errors


def _requirement(path: str, expression: Selector) -> Errors:
    operator, values = expression.get("operator") or "", expression.get("values") or []
    errors: Errors = []
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            errors.append(
                forbidden_field(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            )
    else:
        errors.append(invalid_value(f"{path}.operator", operator, "not a valid selector operator"))
    errors += qualified(f"{path}.key", expression.get("key") or "")
    for index, value in enumerate(values):
        errors += texts(f"{path}.values[{index}]", value, value_errors(value))
    return errors


def is_empty(selector: Selector | None) -> bool:
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def matches(selector: Selector, given: Mapping[str, str]) -> bool:
    """Return whether a LabelSelector selects these labels; a broken one selects nothing."""
    if any(given.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(expression, given) for expression in selector.get("matchExpressions") or ())


def _holds(expression: Selector, given: Mapping[str, str]) -> bool:
    key, operator, values = expression.get("key") or "", expression.get("operator"), expression.get("values") or ()
    if operator == "In":
        return given.get(key) in values
    if operator == "NotIn":
        return key not in given or given[key] not in values
    return (key in given) is (operator == "Exists") if operator in _OPERATORS else False


def node_selector(path: str, selector: Selector) -> Errors:
    """Check a `NodeSelector`, as required node affinity and volumes have it."""
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        return [required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")]
    errors: Errors = []
    for index, term in enumerate(terms):
        errors += node_selector_term(f"{path}.nodeSelectorTerms[{index}]", term)
    return errors


def node_selector_term(path: str, term: Selector) -> Errors:
    errors: Errors = []
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        errors += _node_requirement(f"{path}.matchExpressions[{index}]", expression)
    for index, expression in enumerate(term.get("matchFields") or ()):
        errors += _field_requirement(f"{path}.matchFields[{index}]", expression)
    return errors


def _node_requirement(path: str, expression: Selector) -> Errors:
    operator, values = expression.get("operator") or "", expression.get("values") or []
    errors: Errors = []
    if operator in ("In", "NotIn"):
        if not values:
            errors.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(forbidden_field(f"{path}.values", text))
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            text = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            errors.append(required(f"{path}.values", text))
    else:
        errors.append(invalid_value(f"{path}.operator", operator, "not a valid selector operator"))
    errors += qualified(f"{path}.key", expression.get("key") or "")
    for index, value in enumerate(values):
        errors += texts(f"{path}.values[{index}]", value, value_errors(value))
    return errors


def _field_requirement(path: str, expression: Selector) -> Errors:
    errors: Errors = []
    operator, values = expression.get("operator") or "", expression.get("values") or []
    if operator not in ("In", "NotIn"):
        errors.append(invalid_value(f"{path}.operator", operator, "not a valid selector operator"))
    elif len(values) != 1:
        text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        errors.append(required(f"{path}.values", text))
    if expression.get("key") != "metadata.name":
        errors.append(invalid_value(f"{path}.key", expression.get("key") or "", "not a valid field selector key"))
    return errors
