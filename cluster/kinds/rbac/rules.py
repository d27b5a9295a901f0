"""Checks of roles and their bindings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.internal import internal
from cluster.kinds.validation.fields import Errors, texts
from cluster.kinds.validation.selectors import label_selector
from cluster.machinery.fielderrors import invalid_value, required, unsupported
from cluster.machinery.meta import Object
from cluster.machinery.names import dns_subdomain, path_segment

Part = Mapping[str, Any]

GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = ("ServiceAccount", "User", "Group")


def _rule(path: str, rule: Part, *, namespaced: bool) -> Errors:
    errors: Errors = [] if rule.get("verbs") else [required(f"{path}.verbs", "verbs must contain at least one value")]
    if rule.get("nonResourceURLs"):
        if namespaced:
            text = "namespaced rules cannot apply to non-resource URLs"
            errors.append(invalid_value(f"{path}.nonResourceURLs", rule["nonResourceURLs"], text))
        if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
            text = "rules cannot apply to both regular resources and non-resource URLs"
            errors.append(invalid_value(f"{path}.nonResourceURLs", rule["nonResourceURLs"], text))
        return errors
    if not rule.get("apiGroups"):
        errors.append(required(f"{path}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.get("resources"):
        errors.append(required(f"{path}.resources", "resource rules must supply at least one resource"))
    return errors


def validate_role(obj: Object) -> Errors:
    errors: Errors = []
    for index, rule in enumerate(obj.get("rules") or ()):
        errors += _rule(f"rules[{index}]", rule, namespaced=True)
    return errors


def validate_cluster_role(obj: Object) -> Errors:
    errors: Errors = []
    for index, rule in enumerate(obj.get("rules") or ()):
        errors += _rule(f"rules[{index}]", rule, namespaced=False)
    aggregation = obj.get("aggregationRule")
    if aggregation is None:
        return errors
    selectors = aggregation.get("clusterRoleSelectors") or []
    if not selectors:
        text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.append(required("aggregationRule.clusterRoleSelectors", text))
    for index, selector in enumerate(selectors):
        errors += label_selector(f"aggregationRule.clusterRoleSelectors[{index}]", selector)
    return errors


def _subject(path: str, subject: Part, *, namespaced: bool) -> Errors:
    name, kind, group = subject.get("name") or "", subject.get("kind") or "", subject.get("apiGroup") or ""
    errors: Errors = [] if name else [required(f"{path}.name")]
    if kind == "ServiceAccount":
        errors += texts(f"{path}.name", name, dns_subdomain(name)) if name else []
        if group:
            errors.append(unsupported(f"{path}.apiGroup", group, ("",)))
        if not namespaced and not subject.get("namespace"):
            errors.append(required(f"{path}.namespace"))
    elif kind in _SUBJECTS:
        if group != GROUP:
            errors.append(unsupported(f"{path}.apiGroup", group, (GROUP,)))
    else:
        errors.append(unsupported(f"{path}.kind", kind, _SUBJECTS, in_order=True))
    return errors


def _binding(obj: Object, kinds: tuple[str, ...], *, namespaced: bool) -> Errors:
    role = obj.get("roleRef") or {}
    errors: Errors = []
    if role.get("apiGroup") != GROUP:
        errors.append(unsupported("roleRef.apiGroup", role.get("apiGroup") or "", (GROUP,)))
    if role.get("kind") not in kinds:
        errors.append(unsupported("roleRef.kind", role.get("kind") or "", kinds, in_order=True))
    name = role.get("name") or ""
    errors += texts("roleRef.name", name, path_segment(name)) if name else [required("roleRef.name")]
    for index, subject in enumerate(obj.get("subjects") or ()):
        errors += _subject(f"subjects[{index}]", subject, namespaced=namespaced)
    return errors


def validate_role_binding(obj: Object) -> Errors:
    return _binding(obj, ("Role", "ClusterRole"), namespaced=True)


def validate_cluster_role_binding(obj: Object) -> Errors:
    return _binding(obj, ("ClusterRole",), namespaced=False)


def _fixed_role(new: Object, old: Object) -> Errors:
    if new.get("roleRef") == old.get("roleRef"):
        return []
    return [invalid_value("roleRef", internal("RoleRef", new.get("roleRef")), "cannot change roleRef")]


def update_role_binding(new: Object, old: Object) -> Errors:
    return validate_role_binding(new) + _fixed_role(new, old)


def update_cluster_role_binding(new: Object, old: Object) -> Errors:
    return validate_cluster_role_binding(new) + _fixed_role(new, old)
