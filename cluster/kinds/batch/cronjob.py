"""Jobs by the clock. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.podspec.defaults import default_template
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
)
