"""`pods/eviction`: a deletion that asks the PodDisruptionBudgets first.

Follows pkg/registry/core/pod/storage/eviction.go. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import delete, read
from cluster.apiserver.request import Request, Result
from cluster.kinds.kind import Kind
from cluster.machinery import labels
from cluster.machinery.errors import StatusError, bad_request, internal, too_many_requests
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_BUDGETS = "poddisruptionbudgets.policy"


def evict(server: ApiServer, kind: Kind, request: Request) -> Result:
    body = request.body or {}
    if (body.get("metadata") or {}).get("name") != request.name:
        raise bad_request("name in URL does not match name in Eviction object")
    pod = read.current(server, kind, request)
    options = dict(body.get("deleteOptions") or {})
    if options.get("dryRun"):
        request.dry_run = True
    if not _can_ignore_budgets(pod):
        _spend(server, request, pod)
    if not request.dry_run and not pod["metadata"].get("deletionTimestamp"):
        pod = server.write(kind, _marked(pod, server.now()), request)
    delete.remove(server, kind, request, pod, options)
    return Result({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, True, 201)


def _marked(pod: Object, now: str) -> Object:
    """Return the pod with the condition that says why it goes."""
    condition = {
        "type": "DisruptionTarget",
        "observedGeneration": pod["metadata"].get("generation", 1),
        "status": "True",
        "lastTransitionTime": now,
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    status = pod.get("status") or {}
    others = [item for item in status.get("conditions") or () if item.get("type") != "DisruptionTarget"]
    return {**pod, "status": {**status, "conditions": [*others, condition]}}


def _can_ignore_budgets(pod: Object) -> bool:
    phase = (pod.get("status") or {}).get("phase")
    return phase in ("Succeeded", "Failed", "Pending") or bool(pod["metadata"].get("deletionTimestamp"))


def _spend(server: ApiServer, request: Request, pod: Object) -> None:
    """Take one disruption from the budget that covers the pod; 429 when there is none left."""
    budgets = [
        budget
        for budget in server.store.list(_BUDGETS, pod["metadata"].get("namespace") or "")
        if labels.from_label_selector((budget.get("spec") or {}).get("selector")).matches_object(pod)
    ]
    if len(budgets) > 1:
        raise internal(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )
    if not budgets or (not _is_ready(pod) and _tolerates_unready(budgets[0])):
        return
    _decrement(server, request, budgets[0], pod)


def _tolerates_unready(budget: Object) -> bool:
    spec, status = budget.get("spec") or {}, budget.get("status") or {}
    if spec.get("unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    desired = status.get("desiredHealthy") or 0
    return (status.get("currentHealthy") or 0) >= desired and desired > 0


def _is_ready(pod: Object) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)


def _decrement(server: ApiServer, request: Request, budget: Object, pod: Object) -> None:
    status, name = dict(budget.get("status") or {}), budget["metadata"]["name"]
    if (status.get("observedGeneration") or 0) < (budget["metadata"].get("generation") or 0):
        raise _refused(f"The disruption budget {name} is still being processed by the server.", 10)
    allowed = status.get("disruptionsAllowed") or 0
    if allowed <= 0:
        healthy, desired = status.get("currentHealthy") or 0, status.get("desiredHealthy") or 0
        raise _refused(f"The disruption budget {name} needs {desired} healthy pods and has {healthy} currently", 0)
    status["disruptionsAllowed"] = allowed - 1
    status["disruptedPods"] = {**(status.get("disruptedPods") or {}), pod["metadata"]["name"]: server.now()}
    kind = server.registry.by_key(_BUDGETS)
    if kind is not None:
        server.write(kind, {**budget, "status": status}, request)


def _refused(why: str, retry_after: int) -> StatusError:
    details: dict[str, Any] = {"causes": [{"reason": "DisruptionBudget", "message": why}]}
    text = "Cannot evict pod as it would violate the pod's disruption budget."
    return too_many_requests(text, retry_after, details)


HANDLERS: Mapping[str, Callable[[ApiServer, Kind, Request], Result]] = {"create": evict}
