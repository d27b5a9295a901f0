"""One sync of a Job: count, decide whether it is over, start or stop pods, write the status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers import pods as podkit
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.children import Family, Orphans
from cluster.controllers.job import counting, indexes
from cluster.controllers.job.counting import FINALIZER, Counts
from cluster.controllers.pods import PodControl, is_ready, phase
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.conditions import Condition, find, replaced
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace, uid
from cluster.machinery.owners import controller_of, owner_key
from cluster.store.interface import Revision

JOBS = "jobs.batch"
BATCH = 1.0  # pod changes of one Job are looked at together
BURST = 500
FIRST_BACKOFF = 10.0
MAX_BACKOFF = 600.0
ORPHAN = "orphan:"
MANAGER = "kubernetes.io/job-controller"


class JobController(Controller):
    name = "job"
    account = "job-controller"
    source = "job-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self.orphans = Orphans(context.store, "pods")
        self._failures: dict[str, tuple[int, float]] = {}  # job uid -> failures in a row, last finish

    def watches(self) -> Mapping[str, Handler]:
        return {JOBS: self.job_changed, "pods": self.pod_changed}

    def pod_changed(self, revision: Revision) -> Iterable[str]:
        if self.orphans.observe(revision):
            if counting.is_tracked(revision.object):
                self._untrack_later(revision.object)
            for job in self.store.list(JOBS, revision.namespace):
                if from_label_selector(job["spec"].get("selector")).matches(labels(revision.object)):
                    yield f"{revision.namespace}/{name(job)}"
            return
        key = owner_key(revision.object, "Job")
        if key is None:
            return
        if self._is_orphan(revision.object) and revision.verb != "DELETED":
            self._untrack_later(revision.object)
        yield from self.later(key, BATCH)

    def job_changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            for resource, pod in self.store.owned_by(uid(revision.object)):
                if resource == "pods":
                    self._untrack_later(pod)
        return own_key(revision)

    def _is_orphan(self, pod: Object) -> bool:
        """Return whether the pod's Job is gone, so that nobody will ever count it."""
        reference = controller_of(pod)
        job = self.store.get(JOBS, namespace(pod), reference["name"]) if reference else None
        return job is None or reference is None or uid(job) != reference["uid"]

    def _untrack_later(self, pod: Object) -> None:
        if counting.is_tracked(pod):
            self.queue.add(f"{ORPHAN}{namespace(pod)}/{name(pod)}")

    def reconcile(self, key: str) -> float | None:
        if key.startswith(ORPHAN):
            pod = self.store.get("pods", *split(key.removeprefix(ORPHAN)))
            if pod is not None and counting.is_tracked(pod):
                self._untrack(pod)
            return None
        job = self.store.get(JOBS, *split(key))
        if job is None or job["spec"].get("managedBy", MANAGER) != MANAGER:
            return None
        pods = self._pods(job)
        if is_over(job):
            self._release(pods)
            return None
        counts = counting.count(job, pods)
        self._note_failures(job, counts)
        status = dict(job.get("status") or {})
        events: list[tuple[str, str, str]] = []
        if not status.get("startTime") and not job["spec"].get("suspend"):
            status["startTime"] = timestamp(self.clock.now())
        ending = self._ending(job, counts, status)
        failure, again = self._manage(job, counts, ending, status, events)
        self._write(job, counts, status, ending, events)
        if failure is not None:
            raise failure
        deadline = self._deadline(job, status)
        return min((each for each in (again, deadline) if each is not None), default=None)

    def _pods(self, job: Object) -> list[Object]:
        matches = from_label_selector(job["spec"].get("selector")).matches
        return Family(job, "batch/v1", "Job", "pods", matches).claim(self.store, self.client, self.orphans)

    def _release(self, pods: list[Object]) -> None:
        for pod in pods:
            if counting.is_tracked(pod):
                self._untrack(pod)

    def _untrack(self, pod: Object) -> None:
        kept = [each for each in meta(pod).get("finalizers") or () if each != FINALIZER]
        patch = {"metadata": {"finalizers": kept or None, "uid": uid(pod)}}
        try:
            self.client.patch("pods", name(pod), patch, namespace(pod))
        except StatusError as error:
            if error.code not in (404, 422):
                raise

    def _note_failures(self, job: Object, counts: Counts) -> None:
        """Failures in a row decide how long to wait before the next pod; a success ends the row."""
        row, last = self._failures.get(uid(job), (0, 0.0))
        ended = [(counting.finish_time(pod, self.clock.now()), phase(pod)) for pod in counts.finished()]
        for moment, state in sorted(ended):
            row, last = (0, 0.0) if state == "Succeeded" else (row + 1, max(last, moment))
        self._failures[uid(job)] = (row, last)

    def _backoff(self, job: Object) -> float:
        row, last = self._failures.get(uid(job), (0, 0.0))
        if row == 0:
            return 0.0
        return last + min(FIRST_BACKOFF * 2.0 ** (row - 1), MAX_BACKOFF) - self.clock.now()

    def _ending(self, job: Object, counts: Counts, status: dict[str, Any]) -> Condition | None:
        """Return SuccessCriteriaMet or FailureTarget once the outcome is certain."""
        known = status.get("conditions") or []
        for kind in ("FailureTarget", "SuccessCriteriaMet"):
            found = find(known, kind)
            if found is not None and found["status"] == "True":
                return found
        failure = self._failure(job, counts, status)
        if failure is not None:
            return self._condition("FailureTarget", "True", *failure)
        rule = _success_rule(job, counts)
        if rule is not None:
            return self._condition("SuccessCriteriaMet", "True", "SuccessPolicy", f"Matched rules at index {rule}")
        if _is_complete(job, counts):
            if counts.failed_indexes:
                return self._condition("FailureTarget", "True", "FailedIndexes", "Job has failed indexes")
            done = "Reached expected number of succeeded pods"
            return self._condition("SuccessCriteriaMet", "True", "CompletionsReached", done)
        return None

    def _failure(self, job: Object, counts: Counts, status: dict[str, Any]) -> tuple[str, str] | None:
        """Return (reason, message) of what has made the Job fail."""
        spec = job["spec"]
        if counts.fail_message:
            return "PodFailurePolicy", counts.fail_message
        limit = spec.get("backoffLimit", 6)
        if counts.failed > limit or _restarted_too_often(job, counts, limit):
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        if self._is_late(job, status):
            return "DeadlineExceeded", "Job was active longer than specified deadline"
        most = spec.get("maxFailedIndexes")
        if most is not None and len(counts.failed_indexes) > most:
            return "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
        return None

    def _deadline(self, job: Object, status: dict[str, Any]) -> float | None:
        seconds, started = job["spec"].get("activeDeadlineSeconds"), status.get("startTime")
        if seconds is None or not started or job["spec"].get("suspend"):
            return None
        return max(0.0, parse_timestamp(started) + float(seconds) - self.clock.now())

    def _is_late(self, job: Object, status: dict[str, Any]) -> bool:
        left = self._deadline(job, status)
        return left is not None and left <= 0

    def _condition(self, kind: str, status: str, reason: str, message: str) -> Condition:
        now = timestamp(self.clock.now())
        return {
            "type": kind,
            "status": status,
            "lastProbeTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }

    def _manage(
        self,
        job: Object,
        counts: Counts,
        ending: Condition | None,
        status: dict[str, Any],
        events: list[tuple[str, str, str]],
    ) -> tuple[StatusError | None, float | None]:
        """Start or stop pods; return what went wrong and when to look again."""
        if is_deleting(job):
            return None, None
        if ending is not None:
            return self._stop(job, counts, counts.active), None
        if job["spec"].get("suspend"):
            failure = self._stop(job, counts, counts.active)
            self._note_suspension(status, "True", "JobSuspended", "Job suspended", events)
            status.pop("startTime", None)
            return failure, None
        if find(status.get("conditions"), "Suspended") is not None:
            self._note_suspension(status, "False", "JobResumed", "Job resumed", events)
        wanted = _wanted(job, counts)
        surplus = len(counts.active) - wanted
        if surplus > 0:
            return self._stop(job, counts, _first_to_go(counts.active)[:surplus]), None
        return self._start(job, counts, wanted)

    def _note_suspension(
        self, status: dict[str, Any], value: str, reason: str, message: str, events: list[tuple[str, str, str]]
    ) -> None:
        old = find(status.get("conditions"), "Suspended")
        if old is not None and old["status"] == value:
            return
        status["conditions"] = replaced(status.get("conditions"), self._condition("Suspended", value, reason, message))
        events.append(("Normal", "Suspended" if value == "True" else "Resumed", message))

    def _stop(self, job: Object, counts: Counts, pods: list[Object]) -> StatusError | None:
        control = PodControl(self.client, self.events, job)
        failure: StatusError | None = None
        for pod in list(pods):
            try:
                self._untrack(pod)
                control.delete(pod)
            except StatusError as error:
                failure = failure or error
                continue
            counts.active.remove(pod)
            counts.terminating += 1
            counts.ready -= is_ready(pod)
        return failure

    def _start(self, job: Object, counts: Counts, wanted: int) -> tuple[StatusError | None, float | None]:
        missing = wanted - len(counts.active)
        if job["spec"].get("podReplacementPolicy") == "Failed":
            missing -= counts.terminating
        if missing <= 0:
            return None, None
        chosen = self._pending_indexes(job, counts, missing) if counts.is_indexed else [None] * missing
        wait = self._backoff(job) if counts.limit_per_index is None else 0.0
        if wait > 0:
            return None, wait
        control = PodControl(self.client, self.events, job)
        chosen = chosen[:BURST]

        def create(number: int) -> None:
            counts.active.append(control.create(_pod(job, counts, chosen[number])))

        _, failure = podkit.slow_start(len(chosen), create)
        return failure, None

    def _pending_indexes(self, job: Object, counts: Counts, missing: int) -> list[int | None]:
        taken = {indexes.index_of(pod) for pod in counts.active} | counts.completed | counts.failed_indexes
        free: list[int | None] = [each for each in range(job["spec"]["completions"]) if each not in taken]
        return free[:missing]

    def _write(
        self,
        job: Object,
        counts: Counts,
        status: dict[str, Any],
        ending: Condition | None,
        events: list[tuple[str, str, str]],
    ) -> None:
        """Write what was counted, release the counted pods, then what follows from it."""
        uncounted = dict(status.get("uncountedTerminatedPods") or {})
        if not counts.is_indexed and counts.new_succeeded:
            uncounted["succeeded"] = [*uncounted.get("succeeded", ()), *map(uid, counts.new_succeeded)]
        if counts.new_failed:
            uncounted["failed"] = [*uncounted.get("failed", ()), *map(uid, counts.new_failed)]
        if ending is not None:
            status["conditions"] = replaced(status.get("conditions"), ending)
        first = self._status(counts, status, uncounted)
        latest = self._update(job, first)
        self._release(counts.finished())
        second = dict(first)
        for outcome in ("succeeded", "failed"):
            if uncounted.get(outcome):
                second[outcome] = int(second.get(outcome) or 0) + len(uncounted[outcome])
        second["uncountedTerminatedPods"] = {}
        if ending is not None and not counts.active and not counts.terminating:
            self._finish(second, ending, events)
        self._update(latest, _ordered(second))
        for kind, reason, message in events:
            self.events.record(job, kind, reason, message)

    def _status(self, counts: Counts, status: dict[str, Any], uncounted: dict[str, Any]) -> dict[str, Any]:
        found = {**status, "active": len(counts.active), "terminating": counts.terminating}
        found["uncountedTerminatedPods"] = uncounted
        found["ready"] = max(0, counts.ready)
        if counts.is_indexed:
            found["succeeded"] = len(counts.completed)
            found["completedIndexes"] = indexes.shown(counts.completed)
            if counts.limit_per_index is not None:
                found["failedIndexes"] = indexes.shown(counts.failed_indexes)
        return _ordered(found)

    def _finish(self, status: dict[str, Any], ending: Condition, events: list[tuple[str, str, str]]) -> None:
        success = ending["type"] == "SuccessCriteriaMet"
        kind = "Complete" if success else "Failed"
        done = self._condition(kind, "True", ending["reason"], ending["message"])
        status["conditions"] = replaced(status.get("conditions"), done)
        if success:
            status["completionTime"] = timestamp(self.clock.now())
            events.append(("Normal", "Completed", "Job completed"))
        else:
            events.append(("Warning", ending["reason"], ending["message"]))

    def _update(self, job: Object, status: dict[str, Any]) -> Object:
        if status == (job.get("status") or {}):
            return job
        return self.client.update_status(JOBS, {**job, "status": status})


_ORDER = (
    "conditions",
    "startTime",
    "completionTime",
    "active",
    "succeeded",
    "failed",
    "terminating",
    "completedIndexes",
    "failedIndexes",
    "uncountedTerminatedPods",
    "ready",
)
_KEPT_AT_ZERO = frozenset({"terminating", "ready", "uncountedTerminatedPods", "failedIndexes"})


def _ordered(status: dict[str, Any]) -> dict[str, Any]:
    return {field: status[field] for field in _ORDER if field in status and (status[field] or field in _KEPT_AT_ZERO)}


def is_over(job: Object) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or ()
    return any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in conditions)


def _is_complete(job: Object, counts: Counts) -> bool:
    completions = job["spec"].get("completions")
    if completions is None:
        return counts.succeeded > 0 and not counts.active
    if counts.is_indexed and counts.limit_per_index is not None:
        return len(counts.completed | counts.failed_indexes) >= int(completions)
    return counts.succeeded >= int(completions)


def _success_rule(job: Object, counts: Counts) -> int | None:
    """Return the first rule of `successPolicy` that is met."""
    for number, rule in enumerate((job["spec"].get("successPolicy") or {}).get("rules") or ()):
        among = indexes.parse(rule["succeededIndexes"]) if rule.get("succeededIndexes") else None
        met = counts.completed if among is None else counts.completed & among
        needed = rule.get("succeededCount", len(among) if among is not None else 0)
        if needed and len(met) >= needed:
            return number
    return None


def _restarted_too_often(job: Object, counts: Counts, limit: int) -> bool:
    if job["spec"]["template"]["spec"].get("restartPolicy") != "OnFailure":
        return False
    total = sum(counting.restarts(pod) for pod in counts.pods if phase(pod) in ("Running", "Pending"))
    return total > 0 and (total > limit if limit == 0 else total >= limit)


def _wanted(job: Object, counts: Counts) -> int:
    """Return how many pods should be active."""
    completions, parallelism = job["spec"].get("completions"), int(job["spec"].get("parallelism", 1))
    if completions is None:
        return len(counts.active) if counts.succeeded > 0 else parallelism
    left = int(completions) - counts.succeeded
    if counts.limit_per_index is not None:
        left = int(completions) - len(counts.completed | counts.failed_indexes)
    return max(0, min(left, parallelism))


def _first_to_go(pods: list[Object]) -> list[Object]:
    """Pods that have done least go first."""
    rank = {"Pending": 0, "Unknown": 1, "Running": 2}
    return sorted(
        pods,
        key=lambda pod: (bool(pod["spec"].get("nodeName")), rank.get(phase(pod), 2), is_ready(pod), uid(pod)),
    )


def _pod(job: Object, counts: Counts, index: int | None) -> Object:
    """Return the pod for an index, or any pod of the Job."""
    pod = podkit.owner_pod(job, "batch/v1", "Job", job["spec"]["template"])
    metadata = {**pod["metadata"], "finalizers": [*(pod["metadata"].get("finalizers") or ()), FINALIZER]}
    pod = {**pod, "metadata": metadata}
    if index is None:
        return pod
    metadata["generateName"] = f"{name(job)}-{index}-"
    metadata["labels"] = {**(metadata.get("labels") or {}), indexes.INDEX: str(index)}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), indexes.INDEX: str(index)}
    if counts.limit_per_index is not None:
        failed = [pod for pod in counts.new_failed if indexes.index_of(pod) == index]
        failures = max((indexes.failures_of(pod) for pod in failed), default=-1) + 1
        metadata["annotations"][indexes.FAILURES] = str(failures)
    spec = {**pod["spec"], "hostname": pod["spec"].get("hostname") or f"{name(job)}-{index}"}
    spec["containers"] = [_indexed(each) for each in spec["containers"]]
    if spec.get("initContainers"):
        spec["initContainers"] = [_indexed(each) for each in spec["initContainers"]]
    return {**pod, "spec": spec}


def _indexed(container: dict[str, Any]) -> dict[str, Any]:
    env = container.get("env") or []
    if any(each["name"] == "JOB_COMPLETION_INDEX" for each in env):
        return container
    reference = {"fieldRef": {"fieldPath": f"metadata.labels['{indexes.INDEX}']"}}
    return {**container, "env": [*env, {"name": "JOB_COMPLETION_INDEX", "valueFrom": reference}]}
