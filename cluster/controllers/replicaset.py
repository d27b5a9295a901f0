"""ReplicaSet and ReplicationController: keep so many pods that match a selector.

Follows pkg/controller/replicaset. One implementation serves both kinds, as in the real one.
Expectations are left out: the cache this controller reads is never behind its own writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cluster.apiserver.context import Context
from cluster.controllers import pods as podkit
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.children import Family, Matcher, Orphans
from cluster.controllers.pods import PodControl, is_active, is_available, is_ready, is_terminating
from cluster.controllers.ranking import to_delete
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import find, without
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import from_label_selector, from_map
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace, uid
from cluster.machinery.owners import controller_of, owner_key
from cluster.store.interface import Revision

BURST = 500


class ReplicaSetController(Controller):
    name = "replicaset"
    account = "replicaset-controller"
    source = "replicaset-controller"
    resource: ClassVar[str] = "replicasets.apps"
    api_version: ClassVar[str] = "apps/v1"
    kind: ClassVar[str] = "ReplicaSet"
    counts_terminating: ClassVar[bool] = True

    def __init__(self, context: Context):
        super().__init__(context)
        self.orphans = Orphans(context.store, "pods")

    def watches(self) -> Mapping[str, Handler]:
        return {self.resource: own_key, "pods": self.pod_changed}

    def pod_changed(self, revision: Revision) -> Iterable[str]:
        """The owner's key; for an orphan those of all that could adopt it; the former owner's too."""
        orphan = self.orphans.observe(revision)
        if orphan:
            if revision.verb == "ADDED" or _labels_changed(revision) or _was_controlled(revision):
                yield from self._adopters(revision.object)
            if revision.previous is not None and (former := owner_key(revision.previous, self.kind)):
                yield former
            return
        key = owner_key(revision.object, self.kind)
        if key is None:
            return
        if revision.verb == "MODIFIED":
            yield from self.later(key)
        else:
            yield key

    def _adopters(self, pod: Object) -> Iterable[str]:
        for owner in self.store.list(self.resource, namespace(pod)):
            if self.matcher(owner)(labels(pod)):
                yield f"{namespace(owner)}/{name(owner)}"

    def matcher(self, owner: Object) -> Matcher:
        return from_label_selector(owner["spec"]["selector"]).matches

    def reconcile(self, key: str) -> float | None:
        owner = self.store.get(self.resource, *split(key))
        if owner is None:
            return None
        family = Family(owner, self.api_version, self.kind, "pods", self.matcher(owner))
        claimed = family.claim(self.store, self.client, self.orphans)
        active = [pod for pod in claimed if is_active(pod)]
        failure = None if is_deleting(owner) else self._manage(owner, active)
        now = self.clock.now()
        status = self._status(owner, active, claimed, failure, now)
        self._write_status(key, status)
        if failure is not None:
            raise failure
        return podkit.next_available(active, owner["spec"].get("minReadySeconds") or 0, now)

    def _manage(self, owner: Object, active: list[Object]) -> StatusError | None:
        """Create or delete pods towards `spec.replicas`; return what went wrong."""
        wanted = int(owner["spec"].get("replicas", 1))
        missing = wanted - len(active)
        control = PodControl(self.client, self.events, owner)
        if missing > 0:
            return self._create(owner, control, min(missing, BURST))
        return self._delete(owner, control, active, min(-missing, BURST))

    def _create(self, owner: Object, control: PodControl, count: int) -> StatusError | None:
        pod = podkit.owner_pod(owner, self.api_version, self.kind, owner["spec"].get("template") or {})
        _, failure = podkit.slow_start(count, lambda index: _ignore(control.create(_copied(pod))))
        return None if failure is not None and podkit.is_namespace_terminating(failure) else failure

    def _delete(self, owner: Object, control: PodControl, active: list[Object], count: int) -> StatusError | None:
        if count <= 0:
            return None
        failure: StatusError | None = None
        for pod in to_delete(active, self._related(owner, active), count, self.clock.now()):
            try:
                control.delete(pod)
            except StatusError as error:
                failure = failure or error
        return failure

    def _related(self, owner: Object, active: list[Object]) -> list[Object]:
        """Return the active pods of all siblings under the same controller, for spreading."""
        reference = controller_of(owner)
        if reference is None:
            return active
        related: list[Object] = []
        for resource, sibling in self.store.owned_by(reference["uid"]):
            if resource == self.resource:
                pods = (each for kind, each in self.store.owned_by(uid(sibling)) if kind == "pods")
                related.extend(pod for pod in pods if is_active(pod))
        return related

    def _status(
        self, owner: Object, active: list[Object], claimed: list[Object], failure: StatusError | None, now: float
    ) -> dict[str, Any]:
        minimum = owner["spec"].get("minReadySeconds") or 0
        wanted = (((owner["spec"].get("template") or {}).get("metadata") or {}).get("labels")) or {}
        ready = [pod for pod in active if is_ready(pod)]
        status: dict[str, Any] = {
            "replicas": len(active),
            "fullyLabeledReplicas": sum(podkit.pod_labels_match(pod, wanted) for pod in active),
            "readyReplicas": len(ready),
            "availableReplicas": len(ready) if not minimum else sum(is_available(pod, minimum, now) for pod in ready),
        }
        status = {field: value for field, value in status.items() if value or field == "replicas"}
        if self.counts_terminating:
            status["terminatingReplicas"] = sum(is_terminating(pod) for pod in claimed)
        status["observedGeneration"] = meta(owner).get("generation", 0)
        conditions = self._conditions(owner, len(active), failure, now)
        return {**status, "conditions": conditions} if conditions else status

    def _conditions(self, owner: Object, have: int, failure: StatusError | None, now: float) -> list[dict[str, Any]]:
        conditions = list((owner.get("status") or {}).get("conditions") or [])
        if failure is None:
            return without(conditions, "ReplicaFailure")
        if find(conditions, "ReplicaFailure") is not None:
            return conditions
        reason = "FailedCreate" if have < int(owner["spec"].get("replicas", 1)) else "FailedDelete"
        condition = {
            "type": "ReplicaFailure",
            "status": "True",
            "lastTransitionTime": timestamp(now),
            "reason": reason,
            "message": failure.message,
        }
        return [*conditions, condition]

    def _write_status(self, key: str, status: dict[str, Any]) -> None:
        latest = self.store.get(self.resource, *split(key))
        if latest is not None and (latest.get("status") or {}) != status:
            self.client.update_status(self.resource, {**latest, "status": status})


class ReplicationControllerController(ReplicaSetController):
    """ReplicationController: the same with a plain map as selector, and no count of terminating pods."""

    name = "replicationcontroller"
    account = "replication-controller"
    source = "replication-controller"
    resource = "replicationcontrollers"
    api_version = "v1"
    kind = "ReplicationController"
    counts_terminating = False

    def matcher(self, owner: Object) -> Matcher:
        return from_map(owner["spec"].get("selector") or {}).matches


def _ignore(made: Object) -> None:
    """slow_start wants no result."""


def _copied(pod: Object) -> Object:
    """Return a pod of its own to send: the server fills in what it likes, the template stays shared."""
    return {**pod, "metadata": dict(pod["metadata"]), "spec": pod["spec"]}


def _labels_changed(revision: Revision) -> bool:
    return revision.previous is not None and labels(revision.previous) != labels(revision.object)


def _was_controlled(revision: Revision) -> bool:
    return revision.previous is not None and controller_of(revision.previous) is not None
