"""One sync of a StatefulSet: revisions, pods in order, the rolling update from the highest ordinal, status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.children import Family, Orphans
from cluster.controllers.pods import is_available, is_ready, next_available, phase
from cluster.controllers.revisions import REVISIONS, History, owned
from cluster.controllers.statefulset import identity
from cluster.controllers.statefulset.identity import ordinal, revision_of
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace, uid
from cluster.machinery.owners import owner_key, owner_references
from cluster.machinery.template_hash import data_hash
from cluster.store.interface import Revision

SETS = "statefulsets.apps"
CLAIMS = "persistentvolumeclaims"
REVISION_LABEL = "controller.kubernetes.io/hash"


class StatefulSetController(Controller):
    name = "statefulset"
    account = "statefulset-controller"
    source = "statefulset-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self.orphans = Orphans(context.store, "pods")

    def watches(self) -> Mapping[str, Handler]:
        return {SETS: own_key, "pods": self.pod_changed, REVISIONS: self.revision_changed}

    def pod_changed(self, revision: Revision) -> Iterable[str]:
        if self.orphans.observe(revision):
            for owner in self.store.list(SETS, revision.namespace):
                if from_label_selector(owner["spec"]["selector"]).matches(labels(revision.object)):
                    yield f"{revision.namespace}/{name(owner)}"
            return
        key = owner_key(revision.object, "StatefulSet")
        if key is not None:
            if revision.verb == "MODIFIED":
                yield from self.later(key)
            else:
                yield key

    def revision_changed(self, revision: Revision) -> Iterable[str]:
        key = owner_key(revision.object, "StatefulSet")
        return (key,) if key is not None and revision.verb == "DELETED" else ()

    def reconcile(self, key: str) -> float | None:
        owner = self.store.get(SETS, *split(key))
        if owner is None:
            return None
        matches = from_label_selector(owner["spec"]["selector"]).matches
        family = Family(owner, "apps/v1", "StatefulSet", "pods", matches)
        pods = [pod for pod in family.claim(self.store, self.client, self.orphans) if ordinal(owner, pod) >= 0]
        history = History(self.client, self.store, owner, "StatefulSet", REVISION_LABEL, data_hash)
        old_status = owner.get("status") or {}
        newest, _ = history.current(int(old_status.get("collisionCount") or 0))
        sync = Sync(self, owner, pods, newest)
        failure: StatusError | None = None
        try:
            sync.run()
        except StatusError as error:
            failure = error
        latest = self.store.get(SETS, *split(key))
        if latest is not None and sync.status != (latest.get("status") or {}):
            self.client.update_status(SETS, {**latest, "status": sync.status})
        self._truncate(owner, pods, history, sync.status)
        if failure is not None:
            raise failure
        return next_available(pods, owner["spec"].get("minReadySeconds") or 0, self.clock.now())

    def _truncate(self, owner: Object, pods: list[Object], history: History, status: dict[str, Any]) -> None:
        used = {revision_of(pod) for pod in pods} | {status["currentRevision"], status["updateRevision"]}
        limit = owner["spec"].get("revisionHistoryLimit")
        history.truncate(owned(self.store, owner), used, 10 if limit is None else limit)


class Sync:
    """One pass over a set; `status` is what it ends with."""

    def __init__(self, controller: StatefulSetController, owner: Object, pods: list[Object], newest: Object):
        self._controller = controller
        self._client = controller.client
        self._store = controller.store
        self._owner = owner
        self._now = controller.clock.now()
        self._minimum = owner["spec"].get("minReadySeconds") or 0
        self._monotonic: bool = owner["spec"].get("podManagementPolicy", "OrderedReady") != "Parallel"
        self._update = newest
        self._current = self._find_current()
        start = identity.first_ordinal(owner)
        self._range = range(start, start + int(owner["spec"].get("replicas", 1)))
        self._pods = {ordinal(owner, pod): pod for pod in pods}
        self.status = self._count(pods)

    def _find_current(self) -> Object:
        wanted = (self._owner.get("status") or {}).get("currentRevision")
        found = self._store.get(REVISIONS, namespace(self._owner), wanted) if wanted else None
        return found if found is not None else self._update

    def _count(self, pods: list[Object]) -> dict[str, Any]:
        created = [pod for pod in pods if phase(pod)]
        living = [pod for pod in created if not is_deleting(pod)]
        ready = [pod for pod in created if _runs_ready(pod)]
        return {
            "observedGeneration": meta(self._owner).get("generation", 0),
            "replicas": len(created),
            "readyReplicas": len(ready),
            "currentReplicas": sum(revision_of(pod) == name(self._current) for pod in living),
            "updatedReplicas": sum(revision_of(pod) == name(self._update) for pod in living),
            "currentRevision": name(self._current),
            "updateRevision": name(self._update),
            "collisionCount": int((self._owner.get("status") or {}).get("collisionCount") or 0),
            "availableReplicas": sum(is_available(pod, self._minimum, self._now) for pod in ready),
        }

    def run(self) -> None:
        try:
            if not is_deleting(self._owner):
                self._work()
        finally:
            self._complete()

    def _complete(self) -> None:
        """When every pod is at the new revision and ready, it becomes the current one."""
        status = self.status
        count = status["replicas"]
        if self._strategy() == "RollingUpdate" and status["updatedReplicas"] == status["readyReplicas"] == count:
            status["currentReplicas"] = status["updatedReplicas"]
            status["currentRevision"] = status["updateRevision"]
        optional = ("readyReplicas", "currentReplicas", "updatedReplicas")
        self.status = {field: value for field, value in status.items() if value or field not in optional}

    def _strategy(self) -> str:
        return str((self._owner["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate"))

    def _partition(self) -> int:
        rolling = (self._owner["spec"].get("updateStrategy") or {}).get("rollingUpdate") or {}
        return int(rolling.get("partition") or 0)

    def _work(self) -> None:
        for number in self._range:
            if self._replica(number):
                return
        condemned = sorted((each for each in self._pods if each not in self._range), reverse=True)
        sick = self._first_unhealthy()
        for number in condemned:
            if self._condemned(number, sick):
                return
        if self._strategy() == "RollingUpdate":
            self._roll()

    def _replica(self, number: int) -> bool:
        """Bring one ordinal forward; return True when the others must wait for it."""
        pod = self._pods.get(number)
        if pod is not None and phase(pod) in ("Failed", "Succeeded") and not is_deleting(pod):
            self._recreate(pod)
            return self._monotonic
        if pod is None:
            self._create(number)
            return self._monotonic
        if phase(pod) == "Pending":
            self._make_claims(pod, number)
        self._own_claims(pod, number, condemned=False)
        return self._monotonic and not self._is_healthy(pod)

    def _recreate(self, pod: Object) -> None:
        where = f"{namespace(pod)}/{name(self._owner)}"
        failed = phase(pod) == "Failed"
        reason, state = ("RecreatingFailedPod", "failed") if failed else ("RecreatingTerminatedPod", "terminated")
        kind = "Warning" if failed else "Normal"
        self._controller.events.record(
            self._owner, kind, reason, f"StatefulSet {where} is recreating {state} Pod {name(pod)}"
        )
        self._delete(pod)

    def _is_healthy(self, pod: Object) -> bool:
        return _runs_ready(pod) and not is_deleting(pod) and is_available(pod, self._minimum, self._now)

    def _first_unhealthy(self) -> Object | None:
        for number in sorted(self._pods):
            if not self._is_healthy(self._pods[number]):
                return self._pods[number]
        return None

    def _condemned(self, number: int, sick: Object | None) -> bool:
        pod = self._pods[number]
        if is_deleting(pod):
            return self._monotonic
        if self._monotonic and not self._is_healthy(pod) and pod is not sick:
            return True
        self._own_claims(pod, number, condemned=True)
        self._delete(pod)
        self._uncount(pod)
        return self._monotonic

    def _uncount(self, pod: Object) -> None:
        if revision_of(pod) == name(self._current):
            self.status["currentReplicas"] -= 1
        if revision_of(pod) == name(self._update):
            self.status["updatedReplicas"] -= 1

    def _roll(self) -> None:
        """Replace one pod of an older revision, from the highest ordinal down to the partition."""
        for number in reversed(self._range):
            if number < self._range.start + self._partition():
                return
            pod = self._pods.get(number)
            if pod is None:
                return
            if revision_of(pod) != name(self._update) and not is_deleting(pod):
                self._delete(pod)
                if revision_of(pod) == name(self._current):
                    self.status["currentReplicas"] -= 1
                return
            if not self._is_healthy(pod):
                return

    def _revision_for(self, number: int) -> Object:
        """Return the revision a missing ordinal comes back at."""
        if self._strategy() != "RollingUpdate":
            return self._update
        partition = self._partition()
        if not partition:
            known = int((self._owner.get("status") or {}).get("currentReplicas") or 0)
            return self._current if number < self._range.start + known else self._update
        return self._current if number < self._range.start + partition else self._update

    def _create(self, number: int) -> None:
        revision = self._revision_for(number)
        template = {key: value for key, value in revision["data"]["spec"]["template"].items() if key != "$patch"}
        pod = identity.stateful_pod(self._owner, template, number, name(revision))
        self._make_claims(pod, number)
        made = self._report("create", pod, lambda: self._client.create("pods", pod))
        self._own_claims(made, number, condemned=False)

    def _delete(self, pod: Object) -> None:
        self._report("delete", pod, lambda: self._client.delete("pods", name(pod), namespace(pod)))

    def _report(self, verb: str, pod: Object, act: Callable[[], Object]) -> Object:
        """Do it and say how it went."""
        what = f"Pod {name(pod)} in StatefulSet {name(self._owner)}"
        title = verb.title()
        events = self._controller.events
        try:
            done = act()
        except StatusError as error:
            if error.code != 404:
                events.record(self._owner, "Warning", f"Failed{title}", f"{verb} {what} failed error: {error.message}")
            raise
        events.record(self._owner, "Normal", f"Successful{title}", f"{title} {what} successful")
        return done

    def _make_claims(self, pod: Object, number: int) -> None:
        for claim in identity.claims_of(self._owner, number):
            if self._store.get(CLAIMS, namespace(claim), name(claim)) is not None:
                continue
            what = f"Claim {name(claim)} Pod {name(pod)} in StatefulSet {name(self._owner)}"
            try:
                self._client.create(CLAIMS, claim)
            except StatusError as error:
                message = f"create {what} failed error: {error.message}"
                self._controller.events.record(self._owner, "Warning", "FailedCreate", message)
                raise
            self._controller.events.record(self._owner, "Normal", "SuccessfulCreate", f"Create {what} success")

    def _own_claims(self, pod: Object, number: int, *, condemned: bool) -> None:
        """Let claims go with their set or pod, where the retention policy says so."""
        wanted = identity.claim_owners(self._owner, pod, condemned=condemned)
        ours = {uid(self._owner), uid(pod)}
        for template in identity.claims_of(self._owner, number):
            claim = self._store.get(CLAIMS, namespace(template), name(template))
            if claim is None:
                continue
            references = owner_references(claim)
            kept = [each for each in references if each["uid"] not in ours]
            if [*kept, *wanted] != references:
                metadata = {field: value for field, value in meta(claim).items() if field != "ownerReferences"}
                if kept or wanted:
                    metadata["ownerReferences"] = [*kept, *wanted]
                self._client.update(CLAIMS, {**claim, "metadata": metadata})


def _runs_ready(pod: Object) -> bool:
    return phase(pod) == "Running" and is_ready(pod)
