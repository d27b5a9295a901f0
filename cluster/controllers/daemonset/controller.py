"""One sync of a DaemonSet: history, pods per node, rolling update, status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.apiserver.context import Context
from cluster.controllers import pods as podkit
from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.children import Family, Orphans
from cluster.controllers.daemonset import placement
from cluster.controllers.daemonset.rolling import Plan, Update
from cluster.controllers.pods import PodControl, is_available, is_ready, phase
from cluster.controllers.revisions import HASH_LABEL, REVISIONS, History
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace
from cluster.machinery.owners import owner_key
from cluster.store.interface import Revision

DAEMONSETS = "daemonsets.apps"
BURST = 250
Pods = dict[str, list[Object]]


class DaemonSetController(Controller):
    name = "daemonset"
    account = "daemon-set-controller"
    source = "daemonset-controller"

    def __init__(self, context: Context):
        super().__init__(context)
        self.orphans = Orphans(context.store, "pods")

    def watches(self) -> Mapping[str, Handler]:
        return {
            DAEMONSETS: own_key,
            "pods": self.pod_changed,
            "nodes": self.node_changed,
            REVISIONS: self.revision_changed,
        }

    def pod_changed(self, revision: Revision) -> Iterable[str]:
        if self.orphans.observe(revision):
            for daemonset in self.store.list(DAEMONSETS, revision.namespace):
                if from_label_selector(daemonset["spec"]["selector"]).matches(labels(revision.object)):
                    yield f"{revision.namespace}/{name(daemonset)}"
            return
        key = owner_key(revision.object, "DaemonSet")
        if key is not None:
            if revision.verb == "MODIFIED":
                yield from self.later(key)
            else:
                yield key

    def revision_changed(self, revision: Revision) -> Iterable[str]:
        key = owner_key(revision.object, "DaemonSet")
        return (key,) if key is not None and revision.verb == "DELETED" else ()

    def node_changed(self, revision: Revision) -> Iterable[str]:
        """Every DaemonSet that now wants, or no longer wants, a pod there; a deleted node is the pod GC's."""
        before = revision.previous
        if revision.verb == "DELETED":
            return
        if before is not None and revision.verb == "MODIFIED" and _placement(before) == _placement(revision.object):
            return
        for daemonset in self.store.list(DAEMONSETS):
            yield f"{namespace(daemonset)}/{name(daemonset)}"

    def reconcile(self, key: str) -> float | None:
        daemonset = self.store.get(DAEMONSETS, *split(key))
        if daemonset is None or is_deleting(daemonset):
            return None
        history = History(self.client, self.store, daemonset, "DaemonSet", HASH_LABEL)
        notes = {placement.TEMPLATE_GENERATION: placement.template_generation(daemonset)}
        current, old = history.current((daemonset.get("status") or {}).get("collisionCount"), notes)
        update = Update(daemonset, labels(current)[HASH_LABEL], self.clock.now())
        failure = self._manage(update)
        if failure is None and (daemonset["spec"].get("updateStrategy") or {}).get("type") != "OnDelete":
            failure = self._roll(update)
        by_node = self._pods(daemonset)
        limit = daemonset["spec"].get("revisionHistoryLimit")
        used = {labels(pod).get(HASH_LABEL, "") for pods in by_node.values() for pod in pods}
        history.truncate(old, used, 10 if limit is None else limit)
        again = self._write_status(key, update, by_node)
        if failure is not None:
            raise failure
        return again

    def _pods(self, daemonset: Object) -> Pods:
        matches = from_label_selector(daemonset["spec"]["selector"]).matches
        family = Family(daemonset, "apps/v1", "DaemonSet", "pods", matches)
        by_node: Pods = {}
        for pod in family.claim(self.store, self.client, self.orphans):
            by_node.setdefault(placement.target_node(pod), []).append(pod)
        for pods in by_node.values():
            pods.sort(key=_age)
        return by_node

    def _manage(self, update: Update) -> StatusError | None:
        """One pod on every node that should have one, none elsewhere."""
        by_node = self._pods(update.daemonset)
        plan = Plan()
        nodes = {name(node): node for node in self.store.list("nodes")}
        for each, node in nodes.items():
            self._manage_node(update, node, by_node.get(each, []), plan)
        for each, pods in by_node.items():
            if each not in nodes:
                plan.delete.extend(pod for pod in pods if not is_deleting(pod) and not pod["spec"].get("nodeName"))
        return self._carry_out(update, plan)

    def _manage_node(self, update: Update, node: Object, pods: list[Object], plan: Plan) -> None:
        wanted, may_stay = placement.should_run(update.daemonset, node)
        if not may_stay:
            plan.delete.extend(pod for pod in pods if not is_deleting(pod))
            return
        if wanted and not pods:
            plan.create.append(name(node))
            return
        living = [pod for pod in pods if not is_deleting(pod)]
        finished = [pod for pod in living if phase(pod) in ("Failed", "Succeeded")]
        for pod in finished:
            self._report_finished(update.daemonset, pod, name(node))
        plan.delete.extend(finished)
        plan.delete.extend(_surplus(update, [pod for pod in living if pod not in finished]))

    def _report_finished(self, daemonset: Object, pod: Object, node: str) -> None:
        where = f"{namespace(pod)}/{name(pod)} on node {node}"
        if phase(pod) == "Failed":
            message = f"Found failed daemon pod {where}, will try to kill it"
            self.events.record(daemonset, "Warning", "FailedDaemonPod", message)
        else:
            message = f"Found succeeded daemon pod {where}, will try to delete it"
            self.events.record(daemonset, "Normal", "SucceededDaemonPod", message)

    def _roll(self, update: Update) -> StatusError | None:
        by_node = self._pods(update.daemonset)
        desired = sum(placement.should_run(update.daemonset, node)[0] for node in self.store.list("nodes"))
        return self._carry_out(update, update.plan(by_node, desired))

    def _carry_out(self, update: Update, plan: Plan) -> StatusError | None:
        if not plan.create and not plan.delete:
            return None
        control = PodControl(self.client, self.events, update.daemonset)
        pod = placement.daemon_pod(update.daemonset, update.hashed)
        nodes = plan.create[:BURST]

        def create(index: int) -> None:
            control.create(placement.on_node(pod, nodes[index]))

        _, failure = podkit.slow_start(len(nodes), create)
        if failure is not None and podkit.is_namespace_terminating(failure):
            failure = None
        for each in plan.delete[:BURST]:
            try:
                control.delete(each)
            except StatusError as error:
                failure = failure or error
        return failure

    def _write_status(self, key: str, update: Update, by_node: Pods) -> float | None:
        daemonset = self.store.get(DAEMONSETS, *split(key))
        if daemonset is None:
            return None
        status = self._status(update, by_node)
        old = daemonset.get("status") or {}
        for kept in ("collisionCount", "conditions"):
            if kept in old:
                status[kept] = old[kept]
        if old != status:
            self.client.update_status(DAEMONSETS, {**daemonset, "status": status})
        everything = [pod for pods in by_node.values() for pod in pods]
        return podkit.next_available(everything, daemonset["spec"].get("minReadySeconds") or 0, update.now)

    def _status(self, update: Update, by_node: Pods) -> dict[str, Any]:
        minimum = update.daemonset["spec"].get("minReadySeconds") or 0
        counts = dict.fromkeys(("current", "misscheduled", "desired", "ready", "updated", "available"), 0)
        for node in self.store.list("nodes"):
            pods = by_node.get(name(node), [])
            if not placement.should_run(update.daemonset, node)[0]:
                counts["misscheduled"] += bool(pods)
                continue
            counts["desired"] += 1
            if pods:
                first = pods[0]
                counts["current"] += 1
                counts["ready"] += is_ready(first)
                counts["available"] += is_available(first, minimum, update.now)
                counts["updated"] += placement.is_updated(update.daemonset, first, update.hashed)
        status = {
            "currentNumberScheduled": counts["current"],
            "numberMisscheduled": counts["misscheduled"],
            "desiredNumberScheduled": counts["desired"],
            "numberReady": counts["ready"],
            "observedGeneration": meta(update.daemonset).get("generation", 0),
            "updatedNumberScheduled": counts["updated"],
            "numberAvailable": counts["available"],
            "numberUnavailable": counts["desired"] - counts["available"],
        }
        optional = ("updatedNumberScheduled", "numberAvailable", "numberUnavailable", "observedGeneration")
        return {field: value for field, value in status.items() if value or field not in optional}


def _surplus(update: Update, living: list[Object]) -> list[Object]:
    """Return the pods a node has too many; while surging one old and one new may stand side by side."""
    if len(living) <= 1:
        return []
    if not update.surge(1):
        return living[1:]
    new = [pod for pod in living if placement.is_updated(update.daemonset, pod, update.hashed)]
    old = [pod for pod in living if pod not in new]
    gone = [*new[1:], *old[1:]]
    minimum = update.daemonset["spec"].get("minReadySeconds") or 0
    if new and old and (not is_ready(old[0]) or is_available(new[0], minimum, update.now)):
        gone.append(old[0])
    return gone


def _age(pod: Object) -> tuple[str, str]:
    return (meta(pod).get("creationTimestamp", ""), name(pod))


def _placement(node: Object) -> tuple[Any, Any]:
    return labels(node), (node.get("spec") or {}).get("taints")
