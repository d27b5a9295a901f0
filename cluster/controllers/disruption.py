"""PodDisruptionBudgets: how many pods may be evicted just now.

Follows pkg/controller/disruption. https://kubernetes.io/docs/tasks/run-application/configure-pdb/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.base import Controller, Handler, own_key, split
from cluster.controllers.pods import is_finished, is_ready
from cluster.machinery.clock import parse_timestamp, timestamp
from cluster.machinery.conditions import replaced
from cluster.machinery.errors import StatusError
from cluster.machinery.intstr import is_percent, scaled
from cluster.machinery.labels import from_label_selector
from cluster.machinery.meta import Object, is_deleting, labels, meta, name, namespace
from cluster.machinery.owners import controller_of
from cluster.store.interface import Revision

BUDGETS = "poddisruptionbudgets.policy"
DELETION_TIMEOUT = 120.0
_SCALED = {
    "ReplicaSet": "replicasets.apps",
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicationController": "replicationcontrollers",
}


class NoScale(Exception):
    """The pods' controllers do not say how many pods are expected."""


class DisruptionController(Controller):
    name = "disruption"
    account = "disruption-controller"
    source = "controllermanager"

    def watches(self) -> Mapping[str, Handler]:
        return {BUDGETS: own_key, "pods": self._pod_changed}

    def _pod_changed(self, revision: Revision) -> Iterable[str]:
        for budget in self.store.list(BUDGETS, revision.namespace):
            matches = from_label_selector(budget["spec"].get("selector")).matches
            if any(matches(labels(state)) for state in (revision.object, revision.previous) if state is not None):
                yield from self.later(f"{namespace(budget)}/{name(budget)}")

    def reconcile(self, key: str) -> float | None:
        budget = self.store.get(BUDGETS, *split(key))
        if budget is None:
            return None
        pods = self._pods(budget)
        if not pods:
            self.events.record(budget, "Normal", "NoPods", "No matching pods found")
        self._warn_unmanaged(budget, pods)
        try:
            expected, desired = self._expected(budget, pods)
        except NoScale as problem:
            self._fail(budget, str(problem))
            return None
        disrupted = self._disrupted(budget, pods)
        healthy = sum(is_ready(pod) and not is_deleting(pod) and name(pod) not in disrupted for pod in pods)
        self._write(budget, healthy, desired, expected, disrupted)
        return DELETION_TIMEOUT if disrupted else None

    def _pods(self, budget: Object) -> list[Object]:
        matches = from_label_selector(budget["spec"].get("selector")).matches
        space = namespace(budget)
        return [pod for pod in self.store.list("pods", space) if matches(labels(pod)) and not is_finished(pod)]

    def _warn_unmanaged(self, budget: Object, pods: list[Object]) -> None:
        bare = [name(pod) for pod in pods if controller_of(pod) is None]
        counts_all = not is_percent(budget["spec"].get("minAvailable")) and "minAvailable" in budget["spec"]
        if not bare or counts_all:
            return
        selector = _go_selector(budget["spec"].get("selector") or {})
        message = (
            f"Pods selected by this PodDisruptionBudget (selector: {selector}) were found to be unmanaged. As a "
            "result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To "
            'account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
        )
        self.events.record(budget, "Warning", "UnmanagedPods", message)

    def _expected(self, budget: Object, pods: list[Object]) -> tuple[int, int]:
        """Return (pods expected, pods that must stay healthy)."""
        spec = budget["spec"]
        if "maxUnavailable" in spec:
            expected = self._expected_scale(pods)
            return expected, max(0, expected - scaled(spec["maxUnavailable"], expected, round_up=True))
        least = spec.get("minAvailable", 0)
        if is_percent(least):
            expected = self._expected_scale(pods)
            return expected, scaled(least, expected, round_up=True)
        return len(pods), int(least)

    def _expected_scale(self, pods: list[Object]) -> int:
        """Return the sum of the scales of all controllers behind the pods."""
        scales: dict[str, int] = {}
        for pod in pods:
            reference = controller_of(pod)
            if reference is None:
                continue
            scales.update([self._scale(pod, reference)])
        return sum(scales.values())

    def _scale(self, pod: Object, reference: dict[str, Any]) -> tuple[str, int]:
        owner = self._owner(namespace(pod), reference)
        above = controller_of(owner) if owner is not None and reference["kind"] == "ReplicaSet" else None
        if above is not None and above["kind"] == "Deployment":
            deployment = self._owner(namespace(pod), above)
            if deployment is not None:
                return above["uid"], int(deployment["spec"].get("replicas", 1))
        if owner is None:
            kind = str(reference["kind"])
            raise NoScale(f"{kind.lower()}s.apps does not implement the scale subresource")
        return reference["uid"], int(owner["spec"].get("replicas", 1))

    def _owner(self, space: str, reference: dict[str, Any]) -> Object | None:
        resource = _SCALED.get(reference["kind"])
        if resource is None:
            return None
        found = self.store.get(resource, space, reference["name"])
        return found if found is not None and meta(found)["uid"] == reference["uid"] else None

    def _disrupted(self, budget: Object, pods: list[Object]) -> dict[str, str]:
        """Return the evictions the API server has allowed and that are not under way yet."""
        known = (budget.get("status") or {}).get("disruptedPods") or {}
        by_name = {name(pod): pod for pod in pods}
        kept = {}
        for each, moment in known.items():
            pod = by_name.get(each)
            late = parse_timestamp(moment) + DELETION_TIMEOUT <= self.clock.now()
            if pod is None or is_deleting(pod):
                continue
            if late:
                self.events.record(
                    pod, "Warning", "NotDeleted", "Pod was expected by PDB controller to be deleted but it wasn't"
                )
                continue
            kept[each] = moment
        return kept

    def _write(self, budget: Object, healthy: int, desired: int, expected: int, disrupted: dict[str, str]) -> None:
        allowed = max(0, healthy - desired) if expected > 0 else 0
        status: dict[str, Any] = {"observedGeneration": meta(budget).get("generation", 1)}
        if disrupted:
            status["disruptedPods"] = disrupted
        status |= {
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
        }
        reason = "SufficientPods" if allowed else "InsufficientPods"
        self._update(budget, status, "True" if allowed else "False", reason, "")

    def _fail(self, budget: Object, message: str) -> None:
        self.events.record(
            budget,
            "Warning",
            "CalculateExpectedPodCountFailed",
            f"Failed to calculate the number of expected pods: {message}",
        )
        status = {**(budget.get("status") or {}), "disruptionsAllowed": 0}
        self._update(budget, status, "False", "SyncFailed", message)

    def _update(self, budget: Object, status: dict[str, Any], allowed: str, reason: str, message: str) -> None:
        condition = {
            "type": "DisruptionAllowed",
            "status": allowed,
            "observedGeneration": meta(budget).get("generation", 1),
            "lastTransitionTime": timestamp(self.clock.now()),
            "reason": reason,
            "message": message,
        }
        old = budget.get("status") or {}
        status["conditions"] = replaced(old.get("conditions"), condition)
        if status != old:
            try:
                self.client.update_status(BUDGETS, {**budget, "status": status})
            except StatusError as error:
                if error.code != 404:
                    raise


def _go_selector(selector: dict[str, Any]) -> str:
    """Return the selector as Go prints the struct, which is what the Event carries."""
    pairs = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    expressions = "".join(
        f"LabelSelectorRequirement{{Key:{each['key']},Operator:{each['operator']},"
        f"Values:[{' '.join(each.get('values') or ())}],}},"
        for each in selector.get("matchExpressions") or ()
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )
