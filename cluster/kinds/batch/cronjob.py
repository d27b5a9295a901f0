"""Jobs by the clock. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.batch.jobrules import job_spec
from cluster.kinds.batch.schedules import schedule, time_zone
from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
from cluster.kinds.podspec.warnings import name_warnings, spec_warnings
from cluster.kinds.printing import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    NONE,
    age,
    containers_and_images,
    selector_text,
    since,
    wide,
    yes_or_unset,
)
from cluster.kinds.validation.fields import Errors, not_negative, required_one_of
from cluster.machinery.fielderrors import invalid_value, unsupported
from cluster.machinery.meta import Object, name


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if not spec.get("concurrencyPolicy"):
        spec["concurrencyPolicy"] = "Allow"
    for field, value in (("suspend", False), ("successfulJobsHistoryLimit", 3), ("failedJobsHistoryLimit", 1)):
        if spec.get(field) is None:
            spec[field] = value
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    default_template(template.setdefault("spec", {}).setdefault("template", {}))


def prepare_create(draft: Object) -> None:
    draft["status"] = {}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    return (
        name(obj),
        spec.get("schedule") or "",
        spec.get("timeZone") or NONE,
        yes_or_unset(spec.get("suspend")),
        len(status.get("active") or ()),
        since(status["lastScheduleTime"], now) if status.get("lastScheduleTime") else NONE,
        age(obj, now),
        *containers_and_images((job.get("template") or {}).get("spec") or {}),
        selector_text(job.get("selector")),
    )


_LONGEST = 52  # a Job's name adds eleven characters, and must still be a label


def validate(obj: Object) -> Errors:
    errors = _spec(obj.get("spec") or {})
    if len(name(obj)) > _LONGEST:
        text = f"must be no more than {_LONGEST} characters"
        errors.append(invalid_value("metadata.name", name(obj), text))
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    """Check a change; the name is not held against it any more."""
    return _spec(new.get("spec") or {})


def _spec(spec: dict[str, Any]) -> Errors:
    errors = schedule("spec.schedule", spec.get("schedule") or "", spec.get("timeZone"))
    errors += not_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    errors += time_zone("spec.timeZone", spec.get("timeZone"))
    policy = spec.get("concurrencyPolicy")
    errors += required_one_of("spec.concurrencyPolicy", policy, ("Allow", "Forbid", "Replace"))
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    errors += job_spec("spec.jobTemplate.spec", job) + _selected("spec.jobTemplate.spec", job)
    errors += not_negative("spec.successfulJobsHistoryLimit", spec.get("successfulJobsHistoryLimit"))
    return errors + not_negative("spec.failedJobsHistoryLimit", spec.get("failedJobsHistoryLimit"))


def _selected(path: str, job: dict[str, Any]) -> Errors:
    """Check that the jobs' selectors are left to the server."""
    errors: Errors = []
    if job.get("selector") is not None:
        errors.append(invalid_value(f"{path}.selector", job["selector"], "`selector` will be auto-generated"))
    if job.get("manualSelector"):
        errors.append(unsupported(f"{path}.manualSelector", True, ("nil", "false"), in_order=True))
    return errors


def warnings(new: Object, old: Object | None) -> list[str]:
    template = (((new.get("spec") or {}).get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
    path = "spec.jobTemplate.spec.template"
    found = spec_warnings(f"{path}.spec", template.get("spec") or {}, template, f"{path}.")
    return name_warnings(new, old) + found


KIND = Kind(
    group="batch",
    version="v1",
    kind="CronJob",
    plural="cronjobs",
    namespaced=True,
    short_names=("cj",),
    categories=("all",),
    subresources=(status_subresource("CronJob"),),
    has_status=True,
    has_generation=True,
    columns=(
        NAME,
        Column("Schedule", about="spec.schedule"),
        Column("Timezone", about="spec.timeZone"),
        Column("Suspend", "boolean", about="spec.suspend"),
        Column("Active", "integer", about="status.active"),
        Column("Last Schedule", about="status.lastScheduleTime"),
        AGE,
        CONTAINERS,
        IMAGES,
        wide("Selector", "spec.jobTemplate.spec.selector"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    validate=validate,
    validate_update=validate_update,
    warnings=warnings,
)
