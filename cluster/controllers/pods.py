"""Reading pods (active, ready, available), making them from a template, and deleting them with events.

Follows pkg/controller/controller_utils.go: the words of SuccessfulCreate and its relatives are its.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.context import EventRecorder
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.conditions import find
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, meta, name, namespace
from cluster.machinery.owners import controller_reference


def phase(pod: Object) -> str:
    return str((pod.get("status") or {}).get("phase") or "Pending")


def is_finished(pod: Object) -> bool:
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """Neither finished nor being deleted."""
    return not is_finished(pod) and "deletionTimestamp" not in pod["metadata"]


def is_terminating(pod: Object) -> bool:
    return "deletionTimestamp" in pod["metadata"] and not is_finished(pod)


def ready_since(pod: Object) -> float | None:
    """Return when the pod became Ready, None while it is not."""
    condition = find((pod.get("status") or {}).get("conditions"), "Ready")
    if condition is None or condition["status"] != "True":
        return None
    moment = condition.get("lastTransitionTime")
    return parse_timestamp(moment) if moment else 0.0


def is_ready(pod: Object) -> bool:
    condition = find((pod.get("status") or {}).get("conditions"), "Ready")
    return condition is not None and condition["status"] == "True"


def is_available(pod: Object, min_ready_seconds: int, now: float) -> bool:
    if min_ready_seconds <= 0:
        return is_ready(pod)
    since = ready_since(pod)
    return since is not None and since + min_ready_seconds <= now


def next_available(pods: list[Object], min_ready_seconds: int, now: float) -> float | None:
    """Return the seconds until the next ready pod counts as available."""
    if min_ready_seconds <= 0:
        return None
    waits = [
        since + min_ready_seconds - now
        for pod in pods
        if (since := ready_since(pod)) is not None and since + min_ready_seconds > now
    ]
    return min(waits, default=None)


def owner_pod(owner: Object, api_version: str, kind: str, template: Object) -> Object:
    """Return the pod this owner's template makes, without a name: `generateName` is the owner's."""
    prefix = f"{name(owner)}-"
    given = template.get("metadata") or {}
    metadata: dict[str, Any] = {"generateName": prefix, "namespace": namespace(owner)}
    for field in ("labels", "annotations", "finalizers"):
        if given.get(field):
            metadata[field] = given[field]
    metadata["ownerReferences"] = [controller_reference(owner, api_version, kind)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.get("spec") or {}}


class PodControl:
    """Creates and deletes the pods of one owner and says so in its Events."""

    def __init__(self, client: Client, events: EventRecorder, owner: Object):
        self._client = client
        self._events = events
        self._owner = owner

    def create(self, pod: Object) -> Object:
        try:
            made = self._client.create("pods", pod)
        except StatusError as error:
            if not is_namespace_terminating(error):
                self._events.record(self._owner, "Warning", "FailedCreate", f"Error creating: {error.message}")
            raise
        self._events.record(self._owner, "Normal", "SuccessfulCreate", f"Created pod: {name(made)}")
        return made

    def delete(self, pod: Object) -> None:
        try:
            self._client.delete("pods", name(pod), namespace(pod))
        except StatusError as error:
            if error.code == 404:
                return
            self._events.record(self._owner, "Warning", "FailedDelete", f"Error deleting: {error.message}")
            raise
        self._events.record(self._owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name(pod)}")


def is_namespace_terminating(error: StatusError) -> bool:
    causes = error.details.get("causes") or []
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


def slow_start(count: int, act: Callable[[int], None]) -> tuple[int, StatusError | None]:
    """Do `act` in batches of 1, 2, 4 …; stop after the first batch with a failure.

    A template that can never be admitted so costs one refused request, not five hundred.
    """
    done = 0
    batch = 1
    while done < count:
        size = min(batch, count - done)
        failure: StatusError | None = None
        successes = 0
        for index in range(done, done + size):
            try:
                act(index)
                successes += 1
            except StatusError as error:
                failure = failure or error
        if failure is not None:
            return done + successes, failure
        done += size
        batch *= 2
    return done, None


def pod_labels_match(pod: Object, wanted: dict[str, str]) -> bool:
    labels = meta(pod).get("labels") or {}
    return all(labels.get(key) == value for key, value in wanted.items())
