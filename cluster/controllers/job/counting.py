"""Counting finished pods once, whatever happens: the tracking finalizer and `uncountedTerminatedPods`.

https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cluster.controllers.job import failure, indexes
from cluster.controllers.pods import phase
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.meta import Object, is_deleting, meta, uid

FINALIZER = "batch.kubernetes.io/job-tracking"


@dataclass
class Counts:
    """A Job and its pods as one sync sees them."""

    job: Object
    pods: list[Object]
    status: dict[str, Any]
    active: list[Object] = field(default_factory=list)
    terminating: int = 0
    ready: int = 0
    succeeded: int = 0
    failed: int = 0
    new_succeeded: list[Object] = field(default_factory=list)
    new_failed: list[Object] = field(default_factory=list)  # those that count against the limit
    ignored: list[Object] = field(default_factory=list)  # finished, but the policy says not to count them
    fail_message: str = ""
    completed: set[int] = field(default_factory=set)
    failed_indexes: set[int] = field(default_factory=set)

    @property
    def is_indexed(self) -> bool:
        return bool(self.job["spec"].get("completionMode") == "Indexed")

    @property
    def limit_per_index(self) -> int | None:
        limit = self.job["spec"].get("backoffLimitPerIndex")
        return None if limit is None else int(limit)

    def finished(self) -> list[Object]:
        return [*self.new_succeeded, *self.new_failed, *self.ignored]


def count(job: Object, pods: list[Object]) -> Counts:
    """Return the counts, those already in the status included."""
    status = job.get("status") or {}
    counts = Counts(job, pods, status)
    uncounted = status.get("uncountedTerminatedPods") or {}
    known = {*(uncounted.get("succeeded") or ()), *(uncounted.get("failed") or ())}
    if counts.is_indexed:
        counts.completed = indexes.parse(status.get("completedIndexes", ""))
        counts.failed_indexes = indexes.parse(status.get("failedIndexes", ""))
    for pod in pods:
        _sort(counts, pod, known)
    counts.failed = int(status.get("failed") or 0) + len(uncounted.get("failed") or ()) + len(counts.new_failed)
    if counts.is_indexed:
        counts.succeeded = len(counts.completed)
    else:
        earlier = int(status.get("succeeded") or 0) + len(uncounted.get("succeeded") or ())
        counts.succeeded = earlier + len(counts.new_succeeded)
    return counts


def _sort(counts: Counts, pod: Object, known: set[str]) -> None:
    """Put one pod where it belongs."""
    state = phase(pod)
    if state not in ("Succeeded", "Failed"):
        if is_deleting(pod):
            counts.terminating += 1
            if not _replaces_only_failed(counts.job) and is_tracked(pod) and uid(pod) not in known:
                _failed(counts, pod)
        else:
            counts.active.append(pod)
            counts.ready += _is_ready(pod)
        return
    if not is_tracked(pod) or uid(pod) in known:
        return
    if state == "Succeeded":
        _succeeded(counts, pod)
    else:
        _failed(counts, pod)


def _succeeded(counts: Counts, pod: Object) -> None:
    if counts.is_indexed:
        index = indexes.index_of(pod)
        if index is None or index >= counts.job["spec"]["completions"] or index in counts.completed:
            counts.ignored.append(pod)
            return
        counts.completed.add(index)
    counts.new_succeeded.append(pod)


def _failed(counts: Counts, pod: Object) -> None:
    verdict = failure.judge(counts.job, pod)
    if verdict.action == "Ignore":
        counts.ignored.append(pod)
        return
    if verdict.action == "FailJob":
        counts.fail_message = counts.fail_message or verdict.message
    index = indexes.index_of(pod) if counts.is_indexed else None
    limit = counts.limit_per_index
    if index is not None and limit is not None and index not in counts.completed:
        over = verdict.action == "FailIndex" or indexes.failures_of(pod) >= limit
        counts.failed_indexes |= {index} if over else set()
    counts.new_failed.append(pod)


def is_tracked(pod: Object) -> bool:
    return FINALIZER in (meta(pod).get("finalizers") or ())


def _replaces_only_failed(job: Object) -> bool:
    return bool(job["spec"].get("podReplacementPolicy") == "Failed") or bool(job["spec"].get("podFailurePolicy"))


def _is_ready(pod: Object) -> bool:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition["type"] == "Ready":
            return bool(condition["status"] == "True")
    return False


def finish_time(pod: Object, now: float) -> float:
    """Return when the pod's last container ended."""
    moments = [
        ended["finishedAt"]
        for each in (pod.get("status") or {}).get("containerStatuses") or ()
        if (ended := (each.get("state") or {}).get("terminated")) and ended.get("finishedAt")
    ]
    if moments:
        return max(parse_timestamp(each) for each in moments)
    deleted = meta(pod).get("deletionTimestamp")
    return min(now, parse_timestamp(deleted)) if deleted else now


def restarts(pod: Object) -> int:
    status = pod.get("status") or {}
    every = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return sum(int(each.get("restartCount", 0)) for each in every)
