"""What the checks of ReplicaSet, Deployment, DaemonSet, StatefulSet and ReplicationController share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.validation.fields import Errors
from cluster.kinds.validation.selectors import is_empty, label_selector, matches
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported

MISMATCH = "`selector` does not match template `labels`"
Spec = Mapping[str, Any]


def template_labels(template: Spec) -> dict[str, str] | None:
    """Return the template's labels, sorted as a server prints maps."""
    found: dict[str, str] | None = (template.get("metadata") or {}).get("labels")
    return dict(sorted(found.items())) if found else found


def selector(spec: Spec, kind: str) -> Errors:
    """Check `spec.selector`: there, well formed and not empty."""
    given = spec.get("selector")
    if given is None:
        return [required("spec.selector")]
    errors = label_selector("spec.selector", given)
    if is_empty(given):
        errors.append(invalid_value("spec.selector", given, f"empty selector is invalid for {kind}"))
    return errors


def mismatch(spec: Spec, template: Spec) -> Errors:
    """Check that the selector selects the template. No selector selects nothing, an empty one everything."""
    given, labels = spec.get("selector"), template_labels(template)
    if given is not None and (is_empty(given) or matches(given, labels or {})):
        return []
    return [invalid_value("spec.template.metadata.labels", labels, MISMATCH)]


def always_restarting(spec: Spec, kind: str) -> Errors:
    """Check that the template's pods restart always and have no deadline."""
    pod = (spec.get("template") or {}).get("spec") or {}
    errors: Errors = []
    if pod.get("restartPolicy") != "Always":
        errors.append(unsupported("spec.template.spec.restartPolicy", pod.get("restartPolicy") or "", ("Always",)))
    if pod.get("activeDeadlineSeconds") is not None:
        text = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden_field("spec.template.spec.activeDeadlineSeconds", text))
    return errors


def unreadable(spec: Spec) -> Errors:
    """Return the error of a selector nothing can be matched against; its template is then not looked at."""
    given = spec.get("selector")
    if not label_selector("spec.selector", given):
        return []
    return [invalid_value("spec.selector", given, "invalid label selector")]


def replica_template(spec: Spec) -> Errors:
    """Check the template as ReplicaSets and Deployments do."""
    template = spec.get("template") or {}
    errors = unreadable(spec)
    if errors:
        return errors
    errors = mismatch(spec, template) + pod_template("spec.template", template)
    return errors + always_restarting(spec, "ReplicaSet")
