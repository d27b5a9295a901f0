"""The ReplicaSets of one Deployment as one sync sees them, and the writes it makes to them."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.client import Client
from cluster.apiserver.context import EventRecorder
from cluster.controllers.deployment import facts, progress
from cluster.controllers.deployment.facts import DESIRED, HASH_LABEL, MAXIMUM, REVISION, REVISION_HISTORY
from cluster.controllers.pods import is_namespace_terminating
from cluster.machinery.conditions import of
from cluster.machinery.errors import OPTIMISTIC_LOCK, StatusError, conflict
from cluster.machinery.meta import Object, annotations_of, meta, name, namespace
from cluster.machinery.owners import controller_reference, is_controlled_by
from cluster.machinery.template_hash import template_hash

SETS = "replicasets.apps"
DEPLOYMENTS = "deployments.apps"


class Rollout:
    """One Deployment with its new and old ReplicaSets; writes keep these up to date."""

    def __init__(
        self, client: Client, events: EventRecorder, deployment: Object, sets: list[Object], now: float
    ) -> None:
        self.client = client
        self.events = events
        self.deployment = deployment
        self.now = now
        self.is_stale = False  # its Deployment was written earlier in this sync: a status update would conflict
        self.new = facts.find_new_set(deployment, sets)
        self.old = facts.others(sets, self.new)

    @property
    def all(self) -> list[Object]:
        return [*self.old, *([self.new] if self.new is not None else [])]

    def sync_revision(self, *, create: bool) -> None:
        """Give the new ReplicaSet its revision number and annotations, making it if `create` says so."""
        revision = max((facts.revision_of(each) for each in self.old), default=0) + 1
        if self.new is not None:
            self._refresh_new(self.new, revision)
        elif create:
            self._create_new(revision)

    def _refresh_new(self, new: Object, revision: int) -> None:
        wanted = self._annotations(new, revision)
        seconds = self.deployment["spec"].get("minReadySeconds") or 0
        if wanted != annotations_of(new) or (new["spec"].get("minReadySeconds") or 0) != seconds:
            spec = {**new["spec"], "minReadySeconds": seconds}
            draft = {**new, "metadata": {**meta(new), "annotations": wanted}, "spec": spec}
            self.new = new = self.client.update(SETS, draft)
        condition = None
        if facts.has_deadline(self.deployment) and of(self.deployment, "Progressing") is None:
            found = f'Found new replica set "{name(new)}"'
            condition = progress.condition("Progressing", "True", "FoundNewReplicaSet", found, self.now)
        self._note_revision(annotations_of(new).get(REVISION, ""), condition)

    def _annotations(self, new: Object, revision: int) -> dict[str, str]:
        """Return the annotations `new` should have: the Deployment's own, and its revision."""
        wanted = {**annotations_of(new), **self._inherited()}
        before = wanted.get(REVISION)
        if facts.revision_of(new) < revision:
            wanted[REVISION] = str(revision)
            if before:
                history = wanted.get(REVISION_HISTORY)
                wanted[REVISION_HISTORY] = f"{history},{before}" if history else before
        return wanted

    def _inherited(self) -> dict[str, str]:
        return {key: value for key, value in annotations_of(self.deployment).items() if key not in facts.NOT_INHERITED}

    def _size_annotations(self) -> dict[str, str]:
        wanted = facts.replicas(self.deployment)
        return {DESIRED: str(wanted), MAXIMUM: str(wanted + facts.max_surge(self.deployment))}

    def _note_revision(self, revision: str, condition: dict[str, Any] | None) -> None:
        """Write revision and condition to the Deployment, in one status update."""
        deployment = self.deployment
        if condition is None and annotations_of(deployment).get(REVISION) == revision:
            return
        self.require_fresh()
        metadata = {**meta(deployment), "annotations": {**annotations_of(deployment), REVISION: revision}}
        status = dict(deployment.get("status") or {})
        if condition is not None:
            status["conditions"] = progress.with_condition(progress.status_conditions(deployment), condition)
        self.deployment = self.client.update_status(DEPLOYMENTS, {**deployment, "metadata": metadata, "status": status})

    def require_fresh(self) -> None:
        """Refuse to write over the earlier write, as the real controller's stale copy is refused."""
        if self.is_stale:
            raise conflict("deployments", "apps", name(self.deployment), OPTIMISTIC_LOCK)

    def _draft(self, revision: int) -> Object:
        spec = self.deployment["spec"]
        template = spec["template"]
        hashed = template_hash(template, (self.deployment.get("status") or {}).get("collisionCount"))
        metadata = {**(template.get("metadata") or {})}
        metadata["labels"] = {**(metadata.get("labels") or {}), HASH_LABEL: hashed}
        selector = dict(spec["selector"])
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: hashed}
        wanted = {**self._inherited(), REVISION: str(revision), **self._size_annotations()}
        draft: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{name(self.deployment)}-{hashed}",
                "namespace": namespace(self.deployment),
                "labels": metadata["labels"],
                "annotations": wanted,
                "ownerReferences": [controller_reference(self.deployment, "apps/v1", "Deployment")],
            },
            "spec": {
                "replicas": facts.new_set_replicas(self.deployment, self.old, 0),
                "selector": selector,
                "template": {**template, "metadata": metadata},
            },
        }
        if spec.get("minReadySeconds"):
            draft["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        return draft

    def _create_new(self, revision: int) -> None:
        draft = self._draft(revision)
        made = True
        try:
            self.new = self.client.create(SETS, draft)
        except StatusError as error:
            self.new = self._survive(error, draft)
            made = False
        count = facts.replicas(self.new)
        if made and count > 0:
            self._say(f"Scaled up replica set {name(self.new)} from 0 to {count}")
        condition = None
        if made and facts.has_deadline(self.deployment):
            created = f'Created new replica set "{name(self.new)}"'
            condition = progress.condition("Progressing", "True", "NewReplicaSetCreated", created, self.now)
        self._note_revision(str(revision), condition)

    def _survive(self, error: StatusError, draft: Object) -> Object:
        """Return the ReplicaSet that is there already and ours; else report and give up for now."""
        if error.reason == "AlreadyExists":
            return self._existing(error, draft)
        if not is_namespace_terminating(error):
            self._report_failure(f'Failed to create new replica set "{name(draft)}": {error.message}')
        raise error

    def _existing(self, error: StatusError, draft: Object) -> Object:
        found = self.client.get(SETS, name(draft), namespace(draft))
        if is_controlled_by(found, self.deployment) and facts.same_template(
            found["spec"]["template"], self.deployment["spec"]["template"]
        ):
            return found
        status = dict(self.deployment.get("status") or {})
        status["collisionCount"] = int(status.get("collisionCount") or 0) + 1
        self.client.update_status(DEPLOYMENTS, {**self.deployment, "status": status})
        raise error

    def _report_failure(self, message: str) -> None:
        if facts.has_deadline(self.deployment):
            failed = progress.condition("Progressing", "False", "ReplicaSetCreateError", message, self.now)
            status = dict(self.deployment.get("status") or {})
            status["conditions"] = progress.with_condition(progress.status_conditions(self.deployment), failed)
            self.deployment = self.client.update_status(DEPLOYMENTS, {**self.deployment, "status": status})
        self.events.record(self.deployment, "Warning", "ReplicaSetCreateError", message)

    def carry_out(self, plan: list[tuple[Object, int]]) -> bool:
        """Scale as planned; return whether any size changed."""
        changes = [self._scale(target, count) for target, count in plan]
        return any(changes)

    def _scale(self, target: Object, count: int) -> bool:
        before = facts.replicas(target)
        sized = {**annotations_of(target), **self._size_annotations()}
        if before == count and sized == annotations_of(target):
            return False
        draft = {
            **target,
            "metadata": {**meta(target), "annotations": sized},
            "spec": {**target["spec"], "replicas": count},
        }
        self._replace(target, self.client.update(SETS, draft))
        if before == count:
            return False
        direction = "up" if count > before else "down"
        self._say(f"Scaled {direction} replica set {name(target)} from {before} to {count}")
        return True

    def _replace(self, before: Object, after: Object) -> None:
        if self.new is before:
            self.new = after
        self.old = [after if each is before else each for each in self.old]

    def _say(self, message: str) -> None:
        self.events.record(self.deployment, "Normal", "ScalingReplicaSet", message)

    def clean_up(self) -> None:
        """Delete the oldest finished ReplicaSets beyond revisionHistoryLimit."""
        limit = self.deployment["spec"].get("revisionHistoryLimit")
        if limit is None or limit == facts.NO_DEADLINE:
            return
        alive = [each for each in self.old if "deletionTimestamp" not in meta(each)]
        surplus = sorted(alive, key=facts.revision_of)[: max(0, len(alive) - limit)]
        for each in surplus:
            if _is_spent(each):
                try:
                    self.client.delete(SETS, name(each), namespace(each))
                except StatusError as error:
                    if error.code != 404:
                        raise


def _is_spent(each: Object) -> bool:
    status = each.get("status") or {}
    seen = int(status.get("observedGeneration") or 0) >= meta(each).get("generation", 0)
    return not status.get("replicas") and facts.replicas(each) == 0 and seen
