"""One sync of a HorizontalPodAutoscaler, every fifteen seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cluster.controllers.autoscaler.limits import Memory, limit
from cluster.controllers.autoscaler.metrics import MetricError, MetricsSource, Proposal, Target, propose
from cluster.controllers.base import Controller, Handler, split
from cluster.machinery.clock import timestamp
from cluster.machinery.conditions import replaced
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import EVERYTHING, parse
from cluster.machinery.meta import Object, key as key_of, labels, name, namespace, uid
from cluster.store.interface import Revision

AUTOSCALERS = "horizontalpodautoscalers.autoscaling"
PERIOD = 15.0
_DEFAULT: list[dict[str, Any]] = [
    {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}
]


class AutoscalerController(Controller):
    name = "horizontal-pod-autoscaler"
    account = "horizontal-pod-autoscaler"
    source = "horizontal-pod-autoscaler"

    def watches(self) -> Mapping[str, Handler]:
        return {AUTOSCALERS: self._changed}

    def _changed(self, revision: Revision) -> Iterable[str]:
        if revision.verb == "DELETED":
            self.context.state.drop(f"controllers/{self.name}/memory/{uid(revision.object)}")
            return ()
        return self.later(key_of(revision.object), PERIOD)

    def reconcile(self, key: str) -> float | None:
        autoscaler = self.store.get(AUTOSCALERS, *split(key))
        if autoscaler is None:
            return None
        self._sync(Round(autoscaler, timestamp(self.clock.now())))
        return PERIOD

    def _sync(self, this: Round) -> None:
        reference = this.spec["scaleTargetRef"]
        try:
            resource = self._resource(reference)
            scale = self.client.get(resource, reference["name"], this.namespace, subresource="scale")
        except StatusError as error:
            self.events.record(this.obj, "Warning", "FailedGetScale", error.message)
            problem = f"the HPA controller was unable to get the target's current scale: {error.message}"
            this.say("AbleToScale", "False", "FailedGetScale", problem)
            self._write(this)
            return
        found = "the HPA controller was able to get the target's current scale"
        this.say("AbleToScale", "True", "SucceededGetScale", found)
        current = int((scale.get("spec") or {}).get("replicas") or 0)
        this.note_size(int((scale.get("status") or {}).get("replicas") or 0))
        wanted = self._wanted(this, scale, current)
        if wanted is None:
            self._write(this)
            return
        replicas, reason = wanted
        if replicas != current:
            self._rescale(this, resource, scale, current, replicas, reason)
        this.status["desiredReplicas"] = replicas
        self._write(this)

    def _resource(self, reference: Mapping[str, Any]) -> str:
        group = str(reference.get("apiVersion", "")).rpartition("/")[0]
        kind = self.client.server.registry.by_kind(group, reference["kind"])
        if kind is None:
            message = f'no matches for kind "{reference["kind"]}" in group "{group}"'
            raise StatusError(404, "NotFound", message)
        return kind.resource

    def _wanted(self, this: Round, scale: Object, current: int) -> tuple[int, str] | None:
        """Return (replicas, why); None when the metrics say nothing."""
        least, most = this.spec.get("minReplicas", 1), this.spec["maxReplicas"]
        if current == 0 and least != 0:
            off = "scaling is disabled since the replica count of the target is zero"
            this.say("ScalingActive", "False", "ScalingDisabled", off)
            return 0, ""
        if current > most:
            return most, "Current number of replicas above Spec.MaxReplicas"
        if current < least:
            return least, "Current number of replicas below Spec.MinReplicas"
        proposal = self._proposal(this, scale, current)
        if proposal is None:
            return None
        memory = Memory.read(self.context.state.get(self._memory_key(this)))
        verdict = limit(this.spec, memory, current, proposal.replicas, self.clock.now())
        self.context.state.put(self._memory_key(this), memory.data(self.clock.now()))
        for condition in verdict.conditions:
            this.say(*condition)
        above = f"{proposal.metric} above target"
        return verdict.replicas, above if verdict.replicas > current else "All metrics below target"

    def _memory_key(self, this: Round) -> str:
        return f"controllers/{self.name}/memory/{uid(this.obj)}"

    def _proposal(self, this: Round, scale: Object, current: int) -> Proposal | None:
        """Return the highest of what the metrics ask for."""
        source: MetricsSource | None = self.context.config.options.get("metrics")
        target = self._target(this, scale, current)
        proposals: list[Proposal] = []
        errors: list[tuple[str, MetricError]] = []
        for metric in this.spec.get("metrics") or _DEFAULT:
            try:
                proposals.append(propose(source, target, metric, self.clock.now()))
            except MetricError as error:
                self.events.record(this.obj, "Warning", error.reason, str(error))
                errors.append((metric["type"], error))
        this.status["currentMetrics"] = [each.status for each in proposals]
        if errors and (not proposals or max(each.replicas for each in proposals) < current):
            self._report_invalid(this, errors, len(proposals) + len(errors))
            return None
        best = max(proposals, key=lambda each: each.replicas)
        valid = f"the HPA was able to successfully calculate a replica count from {best.metric}"
        this.say("ScalingActive", "True", "ValidMetricFound", valid)
        return best

    def _report_invalid(self, this: Round, errors: list[tuple[str, MetricError]], total: int) -> None:
        kind, first = errors[0]
        problem = f"the HPA was unable to compute the replica count: {first}"
        this.say("ScalingActive", "False", first.reason, problem)
        metric: dict[str, Any] = (this.spec.get("metrics") or _DEFAULT)[0]
        what = f"{(metric.get('resource') or {}).get('name', '')} resource" if kind == "Resource" else kind
        message = (
            f"invalid metrics ({len(errors)} invalid out of {total}), first error is: "
            f"failed to get {what} metric value: {first}"
        )
        self.events.record(this.obj, "Warning", "FailedComputeMetricsReplicas", message)

    def _target(self, this: Round, scale: Object, current: int) -> Target:
        text = (scale.get("status") or {}).get("selector") or ""
        selector = parse(text) if text else EVERYTHING
        pods = [pod for pod in self.store.list("pods", this.namespace) if selector.matches(labels(pod))]
        return Target(pods, selector, this.namespace, current)

    def _rescale(self, this: Round, resource: str, scale: Object, current: int, replicas: int, reason: str) -> None:
        draft = {**scale, "spec": {"replicas": replicas}}
        try:
            self.client.update(resource, draft, subresource="scale")
        except StatusError as error:
            failed = f"New size: {replicas}; reason: {reason}; error: {error.message}"
            self.events.record(this.obj, "Warning", "FailedRescale", failed)
            problem = f"the HPA controller was unable to update the target scale: {error.message}"
            this.say("AbleToScale", "False", "FailedUpdateScale", problem)
            self._write(this)
            raise
        done = f"the HPA controller was able to update the target scale to {replicas}"
        this.say("AbleToScale", "True", "SucceededRescale", done)
        self.events.record(this.obj, "Normal", "SuccessfulRescale", f"New size: {replicas}; reason: {reason}")
        memory = Memory.read(self.context.state.get(self._memory_key(this)))
        memory.changes.append((self.clock.now(), replicas - current))
        self.context.state.put(self._memory_key(this), memory.data(self.clock.now()))
        this.status["lastScaleTime"] = timestamp(self.clock.now())

    def _write(self, this: Round) -> None:
        status = {**this.status, "conditions": this.conditions}
        if not status.get("currentMetrics"):
            status["currentMetrics"] = None
        latest = self.store.get(AUTOSCALERS, this.namespace, name(this.obj))
        if latest is not None and status != latest.get("status"):
            self.client.update_status(AUTOSCALERS, {**latest, "status": status})


class Round:
    """One pass over one autoscaler: its status as it is being written."""

    def __init__(self, obj: Object, now: str):
        self.obj = obj
        self.spec: dict[str, Any] = obj["spec"]
        self.namespace = namespace(obj)
        self.status = dict(obj.get("status") or {})
        self.status.setdefault("desiredReplicas", 0)
        self.conditions: list[dict[str, Any]] = list(self.status.pop("conditions", None) or [])
        self._now = now

    def note_size(self, replicas: int) -> None:
        self.status.pop("currentReplicas", None)
        if replicas:
            self.status["currentReplicas"] = replicas

    def say(self, kind: str, status: str, reason: str, message: str) -> None:
        condition = {"type": kind, "status": status, "lastTransitionTime": self._now, "reason": reason}
        self.conditions = replaced(self.conditions, {**condition, "message": message})
