"""Describing Jobs and CronJobs."""

from __future__ import annotations

from cluster.kubectl.command import Session
from cluster.kubectl.describe import events, template
from cluster.kubectl.describe.page import Page, date, flag, lower, selector
from cluster.machinery import goduration
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, controller_of


def job(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    page.head(obj)
    if spec.get("selector"):
        page.line(f"Selector:\t{selector(spec['selector'])}")
    page.marks(obj)
    owner = controller_of(obj)
    if owner:
        page.line(f"Controlled By:\t{owner['kind']}/{owner['name']}")
    if spec.get("parallelism") is not None:
        page.line(f"Parallelism:\t{spec['parallelism']}")
    page.line(f"Completions:\t{spec['completions'] if spec.get('completions') is not None else '<unset>'}")
    if spec.get("completionMode"):
        page.line(f"Completion Mode:\t{spec['completionMode']}")
    if spec.get("suspend") is not None:
        page.line(f"Suspend:\t{lower(spec['suspend'])}")
    if spec.get("backoffLimit") is not None:
        page.line(f"Backoff Limit:\t{spec['backoffLimit']}")
    if spec.get("ttlSecondsAfterFinished") is not None:
        page.line(f"TTL Seconds After Finished:\t{spec['ttlSecondsAfterFinished']}")
    _times(page, status)
    if spec.get("activeDeadlineSeconds") is not None:
        page.line(f"Active Deadline Seconds:\t{spec['activeDeadlineSeconds']}s")
    ready = f" ({status['ready']} Ready)" if status.get("ready") is not None else ""
    page.line(f"Pods Statuses:\t{status.get('active', 0)} Active{ready} / {status.get('succeeded', 0)} Succeeded / "
              f"{status.get('failed', 0)} Failed")
    if spec.get("completionMode") == "Indexed":
        page.line(f"Completed Indexes:\t{status.get('completedIndexes') or '<none>'}")
    template.write(page, spec.get("template"))
    events.write(page, session, obj)


def _times(page: Page, status: Object) -> None:
    start, end = status.get("startTime"), status.get("completionTime")
    if start:
        page.line(f"Start Time:\t{date(start)}")
    if end:
        page.line(f"Completed At:\t{date(end)}")
    if start and end:
        page.line(f"Duration:\t{goduration.human(parse_timestamp(end) - parse_timestamp(start))}")


def cron_job(page: Page, session: Session, obj: Object) -> None:
    spec, status = obj["spec"], obj.get("status") or {}
    inner = spec["jobTemplate"].get("spec") or {}
    page.head(obj)
    page.marks(obj)
    page.line(f"Schedule:\t{spec.get('schedule', '')}")
    if spec.get("timeZone"):
        page.line(f"Time Zone:\t{spec['timeZone']}")
    page.line(f"Concurrency Policy:\t{spec.get('concurrencyPolicy', '')}")
    page.line(f"Suspend:\t{flag(spec.get('suspend'))}")
    for title, field in (("Successful Job History Limit", "successfulJobsHistoryLimit"),
                         ("Failed Job History Limit", "failedJobsHistoryLimit")):
        page.line(f"{title}:\t{spec[field] if spec.get(field) is not None else '<unset>'}")
    deadline = spec.get("startingDeadlineSeconds")
    page.line(f"Starting Deadline Seconds:\t{f'{deadline}s' if deadline is not None else '<unset>'}")
    page.line(f"Selector:\t{selector(inner['selector']) if inner.get('selector') else '<unset>'}")
    for title, field in (("Parallelism", "parallelism"), ("Completions", "completions")):
        page.line(f"{title}:\t{inner[field] if inner.get(field) is not None else '<unset>'}")
    if inner.get("activeDeadlineSeconds") is not None:
        page.line(f"Active Deadline Seconds:\t{inner['activeDeadlineSeconds']}s")
    template.write(page, inner.get("template"))
    last = status.get("lastScheduleTime")
    page.line(f"Last Schedule Time:\t{date(last) if last else '<unset>'}")
    active = status.get("active") or []
    page.line(f"Active Jobs:\t{', '.join(one.get('name', '') for one in active) or '<none>'}")
    events.write(page, session, obj)
