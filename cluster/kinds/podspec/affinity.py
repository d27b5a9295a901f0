"""Checks of where a pod may run: affinity, tolerations, topology spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.validation.fields import Errors, one_of, qualified, texts
from cluster.kinds.validation.selectors import label_selector, node_selector, node_selector_term
from cluster.machinery.fielderrors import DUPLICATE, FieldError, duplicate, forbidden_field, invalid_value, required
from cluster.machinery.labels import value_errors
from cluster.machinery.names import dns_label

Part = Mapping[str, Any]
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_CAN_BE_EMPTY = "can not be empty"
_IN_SELECTOR = "exists in both matchLabelKeys and labelSelector"


def affinity(path: str, given: Part | None) -> Errors:
    if not given:
        return []
    errors: Errors = []
    if given.get("nodeAffinity"):
        errors += _node(f"{path}.nodeAffinity", given["nodeAffinity"])
    for field in ("podAffinity", "podAntiAffinity"):
        if given.get(field):
            errors += _pods(f"{path}.{field}", given[field])
    return errors


def _weight(path: str, term: Part) -> Errors:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [invalid_value(f"{path}.weight", weight, "must be in the range 1-100")]


def _node(path: str, given: Part) -> Errors:
    errors: Errors = []
    if given.get(_REQUIRED) is not None:
        errors += node_selector(f"{path}.{_REQUIRED}", given[_REQUIRED])
    for index, term in enumerate(given.get(_PREFERRED) or ()):
        here = f"{path}.{_PREFERRED}[{index}]"
        errors += _weight(here, term)
        errors += node_selector_term(f"{here}.preference", term.get("preference") or {})
    return errors


def node_affinity_update(path: str, new: Part | None, old: Part | None) -> Errors:
    """Check that the node affinity of a gated pod only narrows: more requirements in each term, no fewer terms."""
    was = (old or {}).get(_REQUIRED)
    if not was or not was.get("nodeSelectorTerms"):
        return []
    here = f"{path}.{_REQUIRED}.nodeSelectorTerms"
    now = ((new or {}).get(_REQUIRED) or {}).get("nodeSelectorTerms") or []
    if len(now) != len(was["nodeSelectorTerms"]):
        text = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        return [invalid_value(here, [internal("NodeTerm", term) for term in now], text)]
    errors: Errors = []
    for index, (term, before) in enumerate(zip(now, was["nodeSelectorTerms"], strict=True)):
        kept = all(_leads(term, before, field) for field in ("matchExpressions", "matchFields"))
        if not kept or (term != before and before == {}):
            text = "only additions are allowed (no mutations or deletions)"
            errors.append(invalid_value(f"{here}[{index}]", internal("NodeTerm", term), text))
    return errors


def _leads(term: Part, before: Part, field: str) -> bool:
    """Return whether what was there still comes first."""
    was = before.get(field) or []
    return (term.get(field) or [])[: len(was)] == was


def _pods(path: str, given: Part) -> Errors:
    errors: Errors = []
    for index, term in enumerate(given.get(_REQUIRED) or ()):
        errors += _term(f"{path}.{_REQUIRED}[{index}]", term)
    for index, weighted in enumerate(given.get(_PREFERRED) or ()):
        here = f"{path}.{_PREFERRED}[{index}]"
        errors += _weight(here, weighted)
        errors += _term(f"{here}.podAffinityTerm", weighted.get("podAffinityTerm") or {})
    return errors


def _term(path: str, term: Part) -> Errors:
    errors = label_selector(f"{path}.labelSelector", term.get("labelSelector"))
    errors += label_selector(f"{path}.namespaceSelector", term.get("namespaceSelector"))
    for name in term.get("namespaces") or ():
        errors += texts(f"{path}.namespace", name, dns_label(name))
    return errors + _keys_of_pods(path, term) + _topology(f"{path}.topologyKey", term)


_NEEDS_SELECTOR = "must not be specified when labelSelector is not set"


def _keys_of_pods(path: str, term: Part) -> Errors:
    """Check `matchLabelKeys` and `mismatchLabelKeys`; the first become `In` requirements of the selector."""
    errors: Errors = []
    for field in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = term.get(field) or ()
        if keys and term.get("labelSelector") is None:
            errors.append(forbidden_field(f"{path}.{field}", _NEEDS_SELECTOR))
            continue
        for index, key in enumerate(keys):
            errors += qualified(f"{path}.{field}[{index}]", key)
    matched, selector = term.get("matchLabelKeys") or [], term.get("labelSelector") or {}
    seen = set(selector.get("matchLabels") or ())
    for expression in selector.get("matchExpressions") or ():
        key = expression.get("key")
        if key in matched and key in seen:
            errors.append(invalid_value(f"{path}[{matched.index(key)}]", key, _IN_SELECTOR))
        seen.add(key)
    mismatched = term.get("mismatchLabelKeys") or ()
    text = "exists in both matchLabelKeys and mismatchLabelKeys"
    both = [(index, key) for index, key in enumerate(matched) if key in mismatched]
    return errors + [invalid_value(f"{path}.matchLabelKeys[{index}]", key, text) for index, key in both]


def _topology(path: str, part: Part) -> Errors:
    key = part.get("topologyKey") or ""
    return qualified(path, key) if key else [required(path, _CAN_BE_EMPTY), *qualified(path, key)]


def tolerations(path: str, given: list[Part]) -> Errors:
    errors: Errors = []
    for index, toleration in enumerate(given):
        errors += _toleration(f"{path}[{index}]", toleration)
    return errors


def _toleration(path: str, toleration: Part) -> Errors:
    errors: Errors = []
    key, operator, value = toleration.get("key"), toleration.get("operator") or "", toleration.get("value") or ""
    if key:
        errors += labels_key(f"{path}.key", key)
    if not key and operator != "Exists":
        text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        errors.append(invalid_value(f"{path}.operator", operator, text))
    if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
        text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        errors.append(invalid_value(f"{path}.effect", toleration.get("effect") or "", text))
    if operator in ("Equal", ""):
        errors += texts(f"{path}.operator", value, filter(None, [";".join(value_errors(value))]))
    elif operator == "Exists":
        if value:
            text = "value must be empty when `operator` is 'Exists'"
            errors.append(invalid_value(f"{path}.operator", internal("Toleration", toleration), text))
    else:
        errors += one_of(f"{path}.operator", operator, ("Equal", "Exists"), in_order=True)
    effect = toleration.get("effect")
    return errors + (one_of(f"{path}.effect", effect, _EFFECTS, in_order=True) if effect else [])


def labels_key(path: str, key: str) -> Errors:
    return qualified(path, key)


def spread(path: str, given: list[Part]) -> Errors:
    """Check `topologySpreadConstraints`."""
    errors: Errors = []
    for index, constraint in enumerate(given):
        here = f"{path}[{index}]"
        skew = constraint.get("maxSkew") or 0
        if skew <= 0:
            errors.append(invalid_value(f"{here}.maxSkew", skew, "must be greater than zero"))
        errors += _topology(f"{here}.topologyKey", constraint)[:1]
        errors += one_of(
            f"{here}.whenUnsatisfiable", constraint.get("whenUnsatisfiable") or "", ("DoNotSchedule", "ScheduleAnyway")
        )
        pair = (constraint.get("topologyKey"), constraint.get("whenUnsatisfiable"))
        others = given[index + 1 :]
        if any((one.get("topologyKey"), one.get("whenUnsatisfiable")) == pair for one in others):
            errors.append(duplicate(f"{here}.{{topologyKey, whenUnsatisfiable}}", f"{{{pair[0]}, {pair[1]}}}"))
        errors += _min_domains(here, constraint) + _spread_choices(here, constraint)
        errors += label_selector(f"{here}.labelSelector", constraint.get("labelSelector"))
    return errors


def _min_domains(path: str, constraint: Part) -> Errors:
    least = constraint.get("minDomains")
    if least is None:
        return []
    errors: Errors = []
    if least <= 0:
        errors.append(invalid_value(f"{path}.minDomains", least, "must be greater than zero"))
    if constraint.get("whenUnsatisfiable") != "DoNotSchedule":
        action = constraint.get("whenUnsatisfiable") or ""
        text = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.append(invalid_value(f"{path}.minDomains", least, text))
    return errors


def _spread_choices(path: str, constraint: Part) -> Errors:
    errors: Errors = []
    for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        if constraint.get(field) is not None:
            errors += one_of(f"{path}.{field}", constraint[field], ("Honor", "Ignore"))
    keys, selector = constraint.get("matchLabelKeys") or (), constraint.get("labelSelector")
    if keys and selector is None:
        errors.append(forbidden_field(f"{path}.matchLabelKeys", _NEEDS_SELECTOR))
    taken = {*((selector or {}).get("matchLabels") or ())}
    taken |= {one.get("key") for one in (selector or {}).get("matchExpressions") or ()}
    for index, key in enumerate(keys):
        where = f"{path}.matchLabelKeys[{index}]"
        errors += qualified(where, key)
        if key in taken:
            errors.append(invalid_value(where, key, _IN_SELECTOR))
    return errors


def taints(path: str, given: list[Part]) -> Errors:
    """Check a node's taints."""
    errors: Errors = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(given):
        here = f"{path}[{index}]"
        key, value, effect = taint.get("key") or "", taint.get("value") or "", taint.get("effect")
        errors += qualified(f"{here}.key", key)
        errors += texts(f"{here}.value", value, filter(None, [";".join(value_errors(value))]))
        errors += one_of(f"{here}.effect", effect, _EFFECTS, in_order=True) if effect else [required(f"{here}.effect")]
        if (key, effect or "") in seen:
            text = "taints must be unique by key and effect pair"
            errors.append(FieldError(DUPLICATE, here, internal("Taint", taint), text))
        seen.add((key, effect or ""))
    return errors
