"""One sync of a Deployment: which of paused, scaling, recreating and rolling it is in, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.children import Family, Orphans
from cluster.controllers.deployment import facts, progress, scale
from cluster.controllers.deployment.sets import DEPLOYMENTS, SETS, Rollout
from cluster.controllers.pods import is_finished
from cluster.machinery.conditions import of
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace, uid
from cluster.machinery.owners import controller_of, owner_key
from cluster.store.interface import Revision


class DeploymentController(Controller):
    name = "deployment"
    account = "deployment-controller"
    source = "deployment-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self.orphans = Orphans(context.store, SETS)

    def watches(self) -> Mapping[str, Handler]:
        return {DEPLOYMENTS: own_key, SETS: self.set_changed, "pods": self.pod_gone}

    def set_changed(self, revision: Revision) -> Iterable[str]:
        if self.orphans.observe(revision):
            for deployment in self.store.list(DEPLOYMENTS, revision.namespace):
                if from_label_selector(deployment["spec"]["selector"]).matches(labels(revision.object)):
                    yield f"{revision.namespace}/{name(deployment)}"
        for state in (revision.object, revision.previous):
            if state is not None and (key := owner_key(state, "Deployment")):
                yield key

    def pod_gone(self, revision: Revision) -> Iterable[str]:
        """A recreating Deployment waits for the last old pod to go."""
        if revision.verb == "DELETED" and (key := owner_key(revision.object, "ReplicaSet")):
            owner = self.store.get(SETS, *split(key))
            deployment = owner_key(owner, "Deployment") if owner is not None else None
            found = self.store.get(DEPLOYMENTS, *split(deployment)) if deployment else None
            if found is not None and not facts.is_rolling(found):
                yield f"{namespace(found)}/{name(found)}"

    def reconcile(self, key: str) -> float | None:
        deployment = self.store.get(DEPLOYMENTS, *split(key))
        if deployment is None:
            return None
        if facts.selects_everything(deployment):
            self._refuse(deployment)
            return None
        matches = from_label_selector(deployment["spec"]["selector"]).matches
        family = Family(deployment, "apps/v1", "Deployment", SETS, matches)
        sets = family.claim(self.store, self.client, self.orphans)
        noted = deployment if is_deleting(deployment) else self._note_pause(deployment)
        rollout = Rollout(self.client, self.events, noted, sets, self.clock.now())
        rollout.is_stale = noted is not deployment
        rollout.sync_revision(create=False)
        if is_deleting(deployment):
            return self._write(rollout, self._plain_status(rollout))
        if deployment["spec"].get("paused") or self._is_scaling(rollout):
            return self._scale_only(rollout)
        if facts.is_rolling(deployment):
            return self._roll(rollout)
        return self._recreate(rollout)

    def _refuse(self, deployment: Object) -> None:
        warning = "This deployment is selecting all pods. A non-empty selector is required."
        self.events.record(deployment, "Warning", "SelectingAll", warning)
        status = dict(deployment.get("status") or {})
        generation = meta(deployment).get("generation", 0)
        if int(status.get("observedGeneration") or 0) < generation:
            status["observedGeneration"] = generation
            self.client.update_status(DEPLOYMENTS, {**deployment, "status": status})

    def _note_pause(self, deployment: Object) -> Object:
        """Progress is not judged while paused: say so in the Progressing condition."""
        current = of(deployment, "Progressing")
        if not facts.has_deadline(deployment) or (current and current["reason"] == "ProgressDeadlineExceeded"):
            return deployment
        noted = current is not None and current["reason"] == "DeploymentPaused"
        paused = bool(deployment["spec"].get("paused"))
        if paused == noted:
            return deployment
        reason, message = (
            ("DeploymentPaused", "Deployment is paused") if paused else ("DeploymentResumed", "Deployment is resumed")
        )
        new = progress.condition("Progressing", "Unknown", reason, message, self.clock.now())
        status = dict(deployment.get("status") or {})
        status["conditions"] = progress.with_condition(progress.status_conditions(deployment), new)
        return self.client.update_status(DEPLOYMENTS, {**deployment, "status": status})

    def _is_scaling(self, rollout: Rollout) -> bool:
        wanted = str(facts.replicas(rollout.deployment))
        sizes = (meta(each).get("annotations", {}).get(facts.DESIRED) for each in facts.active(rollout.all))
        return any(size is not None and size != wanted for size in sizes)

    def _scale_only(self, rollout: Rollout) -> float | None:
        rollout.carry_out(scale.spread(rollout.deployment, rollout.new, rollout.old))
        if rollout.deployment["spec"].get("paused"):
            rollout.clean_up()
        return self._write(rollout, self._plain_status(rollout))

    def _roll(self, rollout: Rollout) -> float | None:
        rollout.sync_revision(create=True)
        assert rollout.new is not None
        if rollout.carry_out(scale.grow_new(rollout.deployment, rollout.all, rollout.new)):
            return self._report(rollout)
        if rollout.carry_out(scale.shrink_old(rollout.deployment, rollout.new, facts.active(rollout.old))):
            return self._report(rollout)
        return self._finish(rollout)

    def _recreate(self, rollout: Rollout) -> float | None:
        if rollout.carry_out([(each, 0) for each in facts.active(rollout.old)]) or self._old_pods_run(rollout):
            return self._report(rollout)
        if rollout.new is None:
            rollout.sync_revision(create=True)
        assert rollout.new is not None
        rollout.carry_out([(rollout.new, facts.replicas(rollout.deployment))])
        return self._finish(rollout)

    def _old_pods_run(self, rollout: Rollout) -> bool:
        if facts.counted(rollout.old, "replicas") > 0:
            return True
        for each in rollout.old:
            for resource, pod in self.store.owned_by(uid(each)):
                if resource == "pods" and controller_of(pod) is not None and not is_finished(pod):
                    return True
        return False

    def _finish(self, rollout: Rollout) -> float | None:
        if facts.is_complete(rollout.deployment, rollout.deployment.get("status") or {}):
            rollout.clean_up()
        return self._report(rollout)

    def _plain_status(self, rollout: Rollout) -> dict[str, Any]:
        return progress.calculate(rollout.deployment, rollout.all, rollout.new, rollout.now)

    def _report(self, rollout: Rollout) -> float | None:
        status = progress.rollout_status(rollout.deployment, rollout.all, rollout.new, rollout.now)
        return self._write(rollout, status)

    def _write(self, rollout: Rollout, status: dict[str, Any]) -> float | None:
        deployment = rollout.deployment
        if (deployment.get("status") or {}) == status:
            return progress.check_again_after(deployment, status, rollout.now)
        rollout.require_fresh()
        self.client.update_status(DEPLOYMENTS, {**deployment, "status": status})
        return progress.check_again_after(deployment, status, rollout.now)
