"""Node selectors: terms of label requirements that a node must meet, for pods and volumes.

https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def matches_requirement(labels: Mapping[str, str], requirement: dict[str, Any]) -> bool:
    operator, key = requirement["operator"], requirement["key"]
    values = requirement.get("values") or ()
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    return _compares(labels.get(key), operator, values)


def _compares(value: str | None, operator: str, values: Any) -> bool:
    try:
        number, bound = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return number > bound if operator == "Gt" else number < bound


def matches_term(labels: Mapping[str, str], name: str, term: dict[str, Any]) -> bool:
    """A term without any requirement matches nothing."""
    expressions, fields = term.get("matchExpressions") or (), term.get("matchFields") or ()
    if not expressions and not fields:
        return False
    return all(matches_requirement(labels, each) for each in expressions) and all(
        matches_requirement({"metadata.name": name}, each) for each in fields
    )


def matches_selector(labels: Mapping[str, str], name: str, selector: dict[str, Any]) -> bool:
    """Match a `NodeSelector`: any of its terms."""
    return any(matches_term(labels, name, term) for term in selector.get("nodeSelectorTerms") or ())


def fits(pod_spec: Mapping[str, Any], labels: Mapping[str, str], name: str) -> bool:
    """Return whether nodeSelector and required node affinity allow the node."""
    for key, value in (pod_spec.get("nodeSelector") or {}).items():
        if labels.get(key) != value:
            return False
    required = ((pod_spec.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED)
    return required is None or matches_selector(labels, name, required)
