"""CronJobs: a Job for every time of the schedule, subject to the concurrency policy and history limits.

Follows pkg/controller/cronjob. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.pods import is_namespace_terminating
from cluster.machinery import cron
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, is_deleting, meta, name, namespace, uid
from cluster.machinery.owners import controller_of, controller_reference, owner_key
from cluster.store.interface import Revision

CRONJOBS = "cronjobs.batch"
JOBS = "jobs.batch"
SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
LAG = 0.1  # the real one wakes a tenth of a second after the minute
TOO_MANY = 100


class CronJobController(Controller):
    name = "cronjob"
    account = "cronjob-controller"
    source = "cronjob-controller"

    def watches(self) -> Mapping[str, Handler]:
        return {CRONJOBS: own_key, JOBS: self._job_changed}

    def _job_changed(self, revision: Revision) -> Iterable[str]:
        key = owner_key(revision.object, "CronJob")
        return (key,) if key is not None else ()

    def reconcile(self, key: str) -> float | None:
        cronjob = self.store.get(CRONJOBS, *split(key))
        if cronjob is None:
            return None
        jobs = self._jobs(cronjob)
        status = dict(cronjob.get("status") or {})
        self._note_finished(cronjob, jobs, status)
        self._clean_up(cronjob, jobs)
        again = None if is_deleting(cronjob) else self._run(cronjob, jobs, status)
        status = {field: value for field, value in status.items() if value}
        latest = self.store.get(CRONJOBS, *split(key))
        if latest is not None and status != (latest.get("status") or {}):
            self.client.update_status(CRONJOBS, {**latest, "status": status})
        return again

    def _jobs(self, cronjob: Object) -> list[Object]:
        owned = [each for resource, each in self.store.owned_by(uid(cronjob)) if resource == JOBS]
        return [each for each in owned if (controller_of(each) or {}).get("uid") == uid(cronjob)]

    def _note_finished(self, cronjob: Object, jobs: list[Object], status: dict[str, Any]) -> None:
        """Take finished and vanished Jobs off the active list."""
        by_uid = {uid(job): job for job in jobs}
        active = list(status.get("active") or ())
        for reference in list(active):
            job = by_uid.get(reference["uid"])
            if job is None:
                if self.store.get(JOBS, namespace(cronjob), reference["name"]) is None:
                    message = f"Active job went missing: {reference['name']}"
                    self.events.record(cronjob, "Normal", "MissingJob", message)
                    active.remove(reference)
                continue
            ended = _ending(job)
            if ended is not None:
                active.remove(reference)
                message = f"Saw completed job: {name(job)}, condition: {ended}"
                self.events.record(cronjob, "Normal", "SawCompletedJob", message)
        known = {reference["uid"] for reference in status.get("active") or ()}
        for job in jobs:
            if uid(job) not in known and _ending(job) is None:
                message = f"Saw a job that the controller did not create or forgot: {name(job)}"
                self.events.record(cronjob, "Warning", "UnexpectedJob", message)
            done = (job.get("status") or {}).get("completionTime")
            if _ending(job) == "Complete" and done and done > status.get("lastSuccessfulTime", ""):
                status["lastSuccessfulTime"] = done
        status["active"] = active

    def _clean_up(self, cronjob: Object, jobs: list[Object]) -> None:
        spec = cronjob["spec"]
        for outcome, field in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            limit = spec.get(field)
            finished = [job for job in jobs if _ending(job) == outcome and not is_deleting(job)]
            if limit is None or len(finished) <= limit:
                continue
            finished.sort(key=lambda job: ((job.get("status") or {}).get("startTime", ""), name(job)))
            for job in finished[: len(finished) - limit]:
                self._delete(cronjob, job)

    def _delete(self, cronjob: Object, job: Object) -> None:
        try:
            self.client.delete(JOBS, name(job), namespace(job), {"propagationPolicy": "Background"})
        except StatusError as error:
            if error.code == 404:
                return
            self.events.record(cronjob, "Warning", "FailedDelete", f"Deleted job: {error.message}")
            raise
        self.events.record(cronjob, "Normal", "SuccessfulDelete", f"Deleted job {name(job)}")

    def _run(self, cronjob: Object, jobs: list[Object], status: dict[str, Any]) -> float | None:
        """Start the Job whose time has come; return when the next comes."""
        spec = cronjob["spec"]
        if spec.get("suspend"):
            return None
        try:
            schedule = cron.parse(spec["schedule"])
        except ValueError as problem:
            message = f"unparseable schedule: {spec['schedule']} : {problem}"
            self.events.record(cronjob, "Warning", "UnparseableSchedule", message)
            return None
        zone = spec.get("timeZone") or ""
        now = self.clock.now()
        upcoming = schedule.next(now, zone)
        if upcoming is None:
            message = (
                f"invalid schedule: {spec['schedule']} : time difference between two schedules is less than 1 second"
            )
            self.events.record(cronjob, "Warning", "InvalidSchedule", message)
            return None
        due = self._due(cronjob, schedule, zone, now)
        again = upcoming - now + LAG
        if due is not None and self._may_start(cronjob, jobs, status, due, now):
            self._start(cronjob, status, due)
        return again

    def _due(self, cronjob: Object, schedule: cron.Schedule, zone: str, now: float) -> float | None:
        """Return the latest time of the schedule that has passed and has no Job yet."""
        status = cronjob.get("status") or {}
        since = parse_timestamp(status.get("lastScheduleTime") or meta(cronjob)["creationTimestamp"])
        limit = cronjob["spec"].get("startingDeadlineSeconds")
        if limit is not None:
            since = max(since, now - limit)
        latest: float | None = None
        moment = schedule.next(since, zone)
        missed = 0
        while moment is not None and moment <= now:
            latest = moment
            missed += 1
            moment = schedule.next(moment, zone)
        if missed > TOO_MANY:
            message = (
                "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew: "
                f"{missed} missed"
            )
            self.events.record(cronjob, "Warning", "TooManyMissedTimes", message)
        return latest

    def _may_start(self, cronjob: Object, jobs: list[Object], status: dict[str, Any], due: float, now: float) -> bool:
        spec = cronjob["spec"]
        limit = spec.get("startingDeadlineSeconds")
        if limit is not None and due + limit < now:
            message = f"Missed scheduled time to start a job: {timestamp(due)}"
            self.events.record(cronjob, "Warning", "MissSchedule", message)
            return False
        if self.store.get(JOBS, namespace(cronjob), _job_name(cronjob, due)) is not None:
            return False
        policy = spec.get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and status["active"]:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.events.record(cronjob, "Normal", "JobAlreadyActive", message)
            return False
        if policy == "Replace":
            by_name = {name(job): job for job in jobs}
            for reference in status["active"]:
                if reference["name"] in by_name:
                    self._delete(cronjob, by_name[reference["name"]])
            status["active"] = []
        return True

    def _start(self, cronjob: Object, status: dict[str, Any], due: float) -> None:
        try:
            job = self.client.create(JOBS, _job(cronjob, due))
        except StatusError as error:
            if is_namespace_terminating(error):
                return
            self.events.record(cronjob, "Warning", "FailedCreate", f"Error creating job: {error.message}")
            raise
        self.events.record(cronjob, "Normal", "SuccessfulCreate", f"Created job {name(job)}")
        reference = {
            "kind": "Job",
            "namespace": namespace(job),
            "name": name(job),
            "uid": uid(job),
            "apiVersion": "batch/v1",
            "resourceVersion": meta(job)["resourceVersion"],
        }
        status["active"] = [*status["active"], reference]
        status["lastScheduleTime"] = timestamp(due)


def _ending(job: Object) -> str | None:
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["type"] in ("Complete", "Failed") and condition["status"] == "True":
            return str(condition["type"])
    return None


def _job_name(cronjob: Object, due: float) -> str:
    return f"{name(cronjob)}-{int(due) // 60}"


def _job(cronjob: Object, due: float) -> Object:
    template = cronjob["spec"]["jobTemplate"]
    given = template.get("metadata") or {}
    metadata = {
        "name": _job_name(cronjob, due),
        "namespace": namespace(cronjob),
        "labels": dict(given.get("labels") or {}),
        "annotations": {**(given.get("annotations") or {}), SCHEDULED: timestamp(due)},
        "ownerReferences": [controller_reference(cronjob, "batch/v1", "CronJob")],
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}
