"""Checks of Jobs, and of the Job inside a CronJob."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.batch.policies import failure_policy, success_policy
from cluster.kinds.internal import template as internal_template
from cluster.kinds.podspec.spec import pod_template
from cluster.kinds.validation.fields import IMMUTABLE, Errors, domain_path, immutable, not_negative, one_of
from cluster.kinds.validation.selectors import label_selector, matches
from cluster.kinds.validation.workloads import MISMATCH, template_labels
from cluster.machinery.fielderrors import invalid_value, required, too_long, unsupported
from cluster.machinery.meta import Object, name, uid
from cluster.machinery.names import dns_label

Spec = Mapping[str, Any]

_COUNTS = (
    *("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"),
    *("backoffLimitPerIndex", "maxFailedIndexes"),
)
_MOST_INDEXED = 100_000
_LONGEST_MANAGER = 63
_FIXED = ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy")
# What may change in the template of a suspended job that never ran.
_DIRECTIVES = ("nodeSelector", "tolerations", "affinity", "schedulingGates")


def validate(job: Object) -> Errors:
    spec = job.get("spec") or {}
    errors = _generated_selector(job, spec) + _spec_with_selector(spec)
    completions = spec.get("completions") or 0
    if spec.get("completionMode") == "Indexed" and completions > 0:
        last = f"{name(job)}-{completions - 1}"
        if dns_label(last):
            text = f"will not able to create pod with invalid DNS label: {last}"
            errors.append(invalid_value("metadata.name", name(job), text))
    return errors


def _generated_selector(job: Object, spec: Spec) -> Errors:
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return []
    expected = {"batch.kubernetes.io/controller-uid": uid(job), "controller-uid": uid(job)}
    expected |= {"batch.kubernetes.io/job-name": name(job), "job-name": name(job)}
    labels = template_labels(spec.get("template") or {}) or {}
    errors: Errors = []
    for key, value in expected.items():
        if labels.get(key) != value:
            where = f"spec.template.metadata.labels[{key}]"
            text = f"must be '{value}'"
            errors.append(invalid_value(where, labels[key], text) if key in labels else required(where, text))
    if not matches(selector, expected):
        errors.append(invalid_value("spec.selector", selector, "`selector` not auto-generated"))
    return errors


def _spec_with_selector(spec: Spec) -> Errors:
    errors = job_spec("spec", spec)
    selector = spec.get("selector")
    if selector is None:
        errors.append(required("spec.selector"))
    else:
        errors += label_selector("spec.selector", selector)
    labels = template_labels(spec.get("template") or {})
    if selector is None or not matches(selector, labels or {}):
        errors.append(invalid_value("spec.template.metadata.labels", labels, MISMATCH))
    return errors


def job_spec(path: str, spec: Spec) -> Errors:
    """Check what a Job and a CronJob's template have in common."""
    errors: Errors = []
    for field in _COUNTS:
        errors += not_negative(f"{path}.{field}", spec.get(field))
    if spec.get("managedBy") is not None:
        errors += _managed_by(f"{path}.managedBy", spec["managedBy"])
    errors += _completion_mode(path, spec)
    if spec.get("podFailurePolicy"):
        errors += failure_policy(f"{path}.podFailurePolicy", spec)
    if spec.get("successPolicy") is not None:
        errors += success_policy(f"{path}.successPolicy", spec)
    policy = spec.get("podReplacementPolicy")
    if policy is not None:
        allowed = ("Failed",) if spec.get("podFailurePolicy") else ("Failed", "TerminatingOrFailed")
        errors += one_of(f"{path}.podReplacementPolicy", policy, allowed)
    errors += pod_template(f"{path}.template", spec.get("template") or {})
    return errors + _restart_policy(f"{path}.template.spec.restartPolicy", spec)


def _managed_by(path: str, given: str) -> Errors:
    errors = domain_path(path, given)
    return errors + ([too_long(path, _LONGEST_MANAGER)] if len(given) > _LONGEST_MANAGER else [])


def _completion_mode(path: str, spec: Spec) -> Errors:
    mode = spec.get("completionMode")
    if mode is None:
        return []
    errors = one_of(f"{path}.completionMode", mode, ("NonIndexed", "Indexed"), in_order=True)
    if mode == "Indexed":
        if spec.get("completions") is None:
            errors.append(required(f"{path}.completions", "when completion mode is Indexed"))
        if (spec.get("parallelism") or 0) > _MOST_INDEXED:
            text = f"must be less than or equal to {_MOST_INDEXED} when completion mode is Indexed"
            errors.append(invalid_value(f"{path}.parallelism", spec["parallelism"], text))
    elif mode == "NonIndexed":
        for field in ("backoffLimitPerIndex", "maxFailedIndexes"):
            if spec.get(field) is not None:
                errors.append(invalid_value(f"{path}.{field}", spec[field], "requires indexed completion mode"))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        text = "when maxFailedIndexes is specified"
        errors.append(required(f"{path}.backoffLimitPerIndex", text))
    return errors


def _restart_policy(path: str, spec: Spec) -> Errors:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy")
    if policy in (None, "", "Always"):
        return [required(path, 'valid values: "OnFailure", "Never"')]
    errors: Errors = []
    if policy not in ("OnFailure", "Never"):
        errors.append(unsupported(path, policy, ("OnFailure", "Never"), in_order=True))
    if spec.get("podFailurePolicy") and policy != "Never":
        text = 'only "Never" is supported when podFailurePolicy is specified'
        errors.append(invalid_value(path, policy, text))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = _spec_with_selector(spec)
    if spec.get("completions") != before.get("completions") and not _elastic(spec):
        errors.append(invalid_value("spec.completions", spec.get("completions"), IMMUTABLE))
    errors += immutable("spec.selector", spec.get("selector"), before.get("selector"))
    errors += _template_update(spec, before, old)
    for field in _FIXED:
        errors += immutable(f"spec.{field}", spec.get(field), before.get(field))
    return errors


def _elastic(spec: Spec) -> bool:
    """Return whether completions may follow parallelism (an elastic indexed job)."""
    return spec.get("completionMode") == "Indexed" and spec.get("completions") == spec.get("parallelism")


def _template_update(spec: Spec, before: Spec, old: Object) -> Errors:
    template, previous = spec.get("template") or {}, before.get("template") or {}
    if template == previous:
        return []
    never_ran = before.get("suspend") and not (old.get("status") or {}).get("startTime")
    if never_ran and _without_directives(template) == _without_directives(previous):
        return []
    return [invalid_value("spec.template", internal_template(template), IMMUTABLE)]


def _without_directives(template: Spec) -> Spec:
    pod = {field: value for field, value in (template.get("spec") or {}).items() if field not in _DIRECTIVES}
    return {"spec": pod}
