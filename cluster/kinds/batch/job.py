"""Pods that run to completion. https://kubernetes.io/docs/concepts/workloads/controllers/job/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.batch.jobrules import validate, validate_update
from cluster.kinds.kind import Column, Kind, name_fields, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.warnings import replica_warnings
from cluster.kinds.printing import AGE, CONTAINERS, IMAGES, NAME, age, containers_and_images, selector_text, wide
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.duration import human_duration
from cluster.machinery.meta import Object, is_deleting, name, uid

_UID_LABELS = ("batch.kubernetes.io/controller-uid", "controller-uid")
_NAME_LABELS = ("batch.kubernetes.io/job-name", "job-name")


def default(draft: Object) -> None:
    default_spec(draft.setdefault("spec", {}))
    labels = ((draft["spec"].get("template") or {}).get("metadata") or {}).get("labels")
    metadata = draft.setdefault("metadata", {})
    if labels and not metadata.get("labels"):
        metadata["labels"] = dict(labels)


def default_spec(spec: dict[str, Any]) -> None:
    default_template(spec.setdefault("template", {}))
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = spec["parallelism"] = 1
    if spec.get("parallelism") is None:
        spec["parallelism"] = 1
    if spec.get("backoffLimit") is None:
        spec["backoffLimit"] = 2**31 - 1 if spec.get("backoffLimitPerIndex") is not None else 6
    for field, value in (("completionMode", "NonIndexed"), ("suspend", False), ("manualSelector", False)):
        if spec.get(field) is None:
            spec[field] = value
    if spec.get("podReplacementPolicy") is None:
        spec["podReplacementPolicy"] = "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed"
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def generate_selector(draft: Object) -> None:
    """Give the job the selector and template labels that name it by uid; called once the uid is known."""
    spec = draft["spec"]
    if spec.get("manualSelector"):
        return
    labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
    for keys, value in ((_NAME_LABELS, name(draft)), (_UID_LABELS, uid(draft))):
        for key in keys:
            labels.setdefault(key, value)
    selector = spec.setdefault("selector", {}).setdefault("matchLabels", {})
    selector.setdefault(_UID_LABELS[0], uid(draft))
    if not draft["metadata"].get("labels"):
        draft["metadata"]["labels"] = dict(labels)


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "status.successful": str((obj.get("status") or {}).get("succeeded") or 0)}


def _completions(spec: dict[str, Any], status: dict[str, Any]) -> str:
    done, parallelism = status.get("succeeded") or 0, spec.get("parallelism") or 0
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def _duration(status: dict[str, Any], now: float) -> str:
    if not status.get("startTime"):
        return ""
    end = parse_timestamp(status["completionTime"]) if status.get("completionTime") else now
    return human_duration(end - parse_timestamp(status["startTime"]))


def _word(obj: Object) -> str:
    held = {one.get("type") for one in (obj.get("status") or {}).get("conditions") or () if one.get("status") == "True"}
    for kind in ("Complete", "Failed"):
        if kind in held:
            return kind
    if is_deleting(obj):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if kind in held:
            return kind
    return "Running"


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    return (
        name(obj),
        _word(obj),
        _completions(spec, status),
        _duration(status, now),
        age(obj, now),
        *containers_and_images((spec.get("template") or {}).get("spec") or {}),
        selector_text(spec.get("selector")),
    )


KIND = Kind(
    group="batch",
    version="v1",
    kind="Job",
    plural="jobs",
    namespaced=True,
    categories=("all",),
    subresources=(status_subresource("Job"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Status", description="Status of the job."),
        Column("Completions", about="status.succeeded"),
        Column("Duration", description="Time required to complete the job."),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    finish_create=generate_selector,
    fields=fields,
    validate=validate,
    validate_update=validate_update,
    warnings=replica_warnings,
)
