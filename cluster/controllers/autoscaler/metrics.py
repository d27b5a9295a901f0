"""How many replicas one metric asks for. Pods that are starting or unmeasured are counted with care."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cluster.controllers.pods import is_finished, is_ready, phase
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.labels import Selector
from cluster.machinery.meta import Object, is_deleting, name
from cluster.machinery.quantity import parse

TOLERANCE = 0.1
INITIALIZATION = 300.0
NO_API = "the server could not find the requested resource (get pods.metrics.k8s.io)"


class Amount(Protocol):
    """What a container uses: cores and bytes."""

    @property
    def cpu(self) -> float: ...

    @property
    def memory(self) -> int: ...


class MetricsSource(Protocol):
    """The resource metrics API as the autoscaler asks it; handed in as `Config.options["metrics"]`."""

    def pod_usage(self, space: str, selector: Selector) -> Mapping[str, Mapping[str, Amount]] | None:
        """Return pod → container → usage; None when nobody serves the API."""
        ...


class MetricError(Exception):
    """A metric that cannot be had; `reason` is the condition's and the Event's."""

    def __init__(self, reason: str, message: str):
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Proposal:
    """What one metric asks for, and how it is reported."""

    replicas: int
    metric: str
    status: dict[str, Any]


@dataclass(frozen=True)
class Target:
    """The workload: its pods and how many there should be."""

    pods: list[Object]
    selector: Selector
    namespace: str
    replicas: int


def propose(source: MetricsSource | None, target: Target, metric: Mapping[str, Any], now: float) -> Proposal:
    """Return the proposal of one entry of `spec.metrics`."""
    kind = metric["type"]
    if kind == "Resource":
        return _resource(source, target, metric["resource"], "", now)
    if kind == "ContainerResource":
        given = metric["containerResource"]
        return _resource(source, target, given, given["container"], now)
    raise MetricError(
        f"FailedGet{kind}Metric", f"unable to get {kind.lower()} metric: no custom metrics API registered"
    )


def _resource(
    source: MetricsSource | None, target: Target, given: Mapping[str, Any], container: str, now: float
) -> Proposal:
    resource, wanted = given["name"], given["target"]
    what = f"{resource} {'utilization' if wanted['type'] == 'Utilization' else 'usage'}"
    reason = "FailedGetContainerResourceMetric" if container else "FailedGetResourceMetric"
    try:
        usage = _usage(source, target, resource, container)
        requests = _requests(target, resource, container)
        return _calculate(target, usage, requests, given, container, now)
    except LookupError as problem:
        raise MetricError(reason, f"failed to get {what}: {problem.args[0]}") from problem


def _usage(source: MetricsSource | None, target: Target, resource: str, container: str) -> dict[str, float]:
    """Return pod → usage in thousandths of a core, or bytes."""
    prefix = f"unable to get metrics for resource {resource}: "
    found = source.pod_usage(target.namespace, target.selector) if source is not None else None
    if found is None:
        raise LookupError(f"{prefix}unable to fetch metrics from resource metrics API: {NO_API}")
    if not found:
        raise LookupError(f"{prefix}no metrics returned from resource metrics API")
    return {
        pod: sum(_amount(used, resource) for each, used in containers.items() if not container or each == container)
        for pod, containers in found.items()
    }


def _amount(used: Amount, resource: str) -> float:
    return used.cpu * 1000 if resource == "cpu" else float(used.memory)


def _requests(target: Target, resource: str, container: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for pod in target.pods:
        total = 0.0
        for each in pod["spec"]["containers"]:
            if container and each["name"] != container:
                continue
            request = ((each.get("resources") or {}).get("requests") or {}).get(resource)
            if request is None:
                found[name(pod)] = -1.0
                break
            total += parse(request).nanos / (1e6 if resource == "cpu" else 1e9)
        else:
            found[name(pod)] = total
    return found


@dataclass(frozen=True)
class Groups:
    """Pods by what is known of them."""

    ready: list[str]
    unready: list[str]
    missing: list[str]


def _grouped(target: Target, usage: Mapping[str, float], resource: str, now: float) -> Groups:
    groups = Groups([], [], [])
    for pod in target.pods:
        if is_deleting(pod) or phase(pod) == "Failed" or is_finished(pod):
            continue
        if phase(pod) == "Pending":
            groups.unready.append(name(pod))
        elif name(pod) not in usage:
            groups.missing.append(name(pod))
        elif resource == "cpu" and _is_starting(pod, now):
            groups.unready.append(name(pod))
        else:
            groups.ready.append(name(pod))
    return groups


def _is_starting(pod: Object, now: float) -> bool:
    """An unready pod that is young says nothing about the load."""
    started = (pod.get("status") or {}).get("startTime")
    return not is_ready(pod) and (started is None or parse_timestamp(started) + INITIALIZATION > now)


def _calculate(
    target: Target,
    usage: Mapping[str, float],
    requests: Mapping[str, float],
    given: Mapping[str, Any],
    container: str,
    now: float,
) -> Proposal:
    resource, wanted = given["name"], given["target"]
    groups = _grouped(target, usage, resource, now)
    if not groups.ready:
        raise LookupError("did not receive metrics for targeted pods (pods might be unready)")
    by_request = wanted["type"] == "Utilization"
    lacking = [pod for pod in groups.ready if requests.get(pod, -1.0) < 0]
    if by_request and lacking:
        first = next(pod for pod in target.pods if name(pod) == lacking[0])
        raise LookupError(
            f"missing request for {resource} in container {first['spec']['containers'][0]['name']} of Pod {lacking[0]}"
        )
    used = sum(usage[pod] for pod in groups.ready)
    base = sum(requests[pod] for pod in groups.ready) if by_request else float(len(groups.ready))
    goal = wanted["averageUtilization"] / 100 if by_request else _milli(wanted["averageValue"], resource)
    ratio = used / base / goal if base and goal else 0.0
    count = _count(target, groups, usage, requests if by_request else None, ratio, goal)
    report = _reported(given, container, used, base, len(groups.ready), by_request)
    return Proposal(count, _title(resource, container, by_request), report)


def _milli(quantity: str, resource: str) -> float:
    return float(parse(quantity).nanos) / (1e6 if resource == "cpu" else 1e9)


def _title(resource: str, container: str, by_request: bool) -> str:
    kind = "utilization (percentage of request)" if by_request else "usage"
    where = f"container resource {resource}" if container else f"{resource} resource"
    return f"{where} {kind}" if not container else f"{where} of container {container} {kind}"


def _count(
    target: Target,
    groups: Groups,
    usage: Mapping[str, float],
    requests: Mapping[str, float] | None,
    ratio: float,
    goal: float,
) -> int:
    rebalance = bool(groups.unready) and ratio > 1.0
    if not rebalance and not groups.missing:
        if abs(ratio - 1.0) <= TOLERANCE:
            return target.replicas
        return math.ceil(round(ratio * len(groups.ready), 9))

    def share(pod: str) -> float:
        return requests.get(pod, 0.0) if requests is not None else 1.0

    used = {pod: usage[pod] for pod in groups.ready}
    if ratio < 1.0:
        used |= {pod: share(pod) * goal for pod in groups.missing}
    elif ratio > 1.0:
        used |= dict.fromkeys(groups.missing, 0.0)
    if rebalance:
        used |= dict.fromkeys(groups.unready, 0.0)
    base = sum(share(pod) for pod in used)
    careful = sum(used.values()) / base / goal if base and goal else 0.0
    turned = (ratio < 1.0 < careful) or (careful < 1.0 < ratio)
    if abs(careful - 1.0) <= TOLERANCE or turned:
        return target.replicas
    count = math.ceil(round(careful * len(used), 9))
    wrong_way = (careful < 1.0 and count > target.replicas) or (careful > 1.0 and count < target.replicas)
    return target.replicas if wrong_way else count


def _reported(
    given: Mapping[str, Any], container: str, used: float, base: float, count: int, by_request: bool
) -> dict[str, Any]:
    """Return the entry of `status.currentMetrics`."""
    resource = given["name"]
    average = used / count
    shown = f"{int(average)}m" if resource == "cpu" else str(int(average))
    current: dict[str, Any] = {"averageValue": shown}
    if by_request:
        current["averageUtilization"] = int(used * 100 / base) if base else 0
    if container:
        body = {"name": resource, "container": container, "current": current}
        return {"type": "ContainerResource", "containerResource": body}
    return {"type": "Resource", "resource": {"name": resource, "current": current}}
