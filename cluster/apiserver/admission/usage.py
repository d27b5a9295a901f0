"""What one object uses of a quota: counts, requests, limits and storage (pkg/quota/v1/evaluator/core)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster.kinds.kind import Kind
from cluster.kinds.podspec.quality import qos_class
from cluster.machinery import quantity
from cluster.machinery.meta import Object
from cluster.machinery.quantity import ZERO, Quantity

Usage = dict[str, Quantity]

_ONE = quantity.of_value(1)
_COUNTED = frozenset(
    {"configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services"}
)
_COMPUTE = ("cpu", "memory", "ephemeral-storage")


def usage_of(kind: Kind, obj: Object) -> Usage:
    """Return everything a quota may limit about `obj`."""
    found: Usage = {f"count/{kind.resource}": _ONE}
    if kind.resource in _COUNTED:
        found[kind.resource] = _ONE
    if kind.resource == "pods":
        found |= _pod(obj)
    elif kind.resource == "services":
        found |= _service(obj)
    elif kind.resource == "persistentvolumeclaims":
        found |= _claim(obj)
    return found


def _pod(pod: Object) -> Usage:
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return {}
    found: Usage = {"pods": _ONE}
    for field in ("requests", "limits"):
        for name, amount in _sums(pod["spec"], field).items():
            found[f"{field}.{name}"] = amount
            if field == "requests" and name in _COMPUTE:
                found[name] = amount
    return found


def _sums(spec: Object, field: str) -> Usage:
    """Return what a pod needs at most at one time: its containers with the sidecars, or one step of its start."""
    running: Usage = {}
    starting: Usage = {}
    for container in spec.get("initContainers") or ():
        amounts = _amounts(container, field)
        step = _added(running, amounts)
        starting = {name: max(starting.get(name, ZERO), amount) for name, amount in {**starting, **step}.items()}
        if container.get("restartPolicy") == "Always":
            running = step
    for container in spec.get("containers") or ():
        running = _added(running, _amounts(container, field))
    total = {name: max(running.get(name, ZERO), starting.get(name, ZERO)) for name in {**running, **starting}}
    total |= _amounts(spec, field)  # what the pod asks for as a whole counts instead
    overhead = {name: quantity.parse(value) for name, value in (spec.get("overhead") or {}).items()}
    return _added(total, {name: amount for name, amount in overhead.items() if field == "requests" or name in total})


def _amounts(holder: Object, field: str) -> Usage:
    resources = (holder.get("resources") or {}).get(field) or {}
    return {name: quantity.parse(value) for name, value in resources.items()}


def _added(one: Usage, other: Usage) -> Usage:
    return {name: one.get(name, ZERO) + other.get(name, ZERO) for name in {**one, **other}}


def _service(service: Object) -> Usage:
    spec = service.get("spec") or {}
    ports = quantity.of_value(len([port for port in spec.get("ports") or () if port.get("nodePort")]))
    kind = spec.get("type")
    found: Usage = {}
    if kind == "NodePort" or (kind == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False):
        found["services.nodeports"] = quantity.of_value(len(spec.get("ports") or ())) if not ports.nanos else ports
    if kind == "LoadBalancer":
        found["services.loadbalancers"] = _ONE
    return found


def _claim(claim: Object) -> Usage:
    spec = claim.get("spec") or {}
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    found: Usage = {}
    name = spec.get("storageClassName")
    if name:
        found[f"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = _ONE
    if size:
        found["requests.storage"] = quantity.parse(size)
        if name:
            found[f"{name}.storageclass.storage.k8s.io/requests.storage"] = quantity.parse(size)
    return found


def needed(pod: Object, hard: dict[str, str]) -> dict[str, list[str]]:
    """Return which limited resources which containers do not specify."""
    missing: dict[str, list[str]] = {}
    whole = pod["spec"].get("resources") or {}
    for key in hard:
        field, _, name = key.partition(".") if "." in key else ("requests", "", key)
        if name not in _COMPUTE[:2] or field not in ("requests", "limits"):
            continue
        if name in (whole.get(field) or {}):
            continue
        for container in [*(pod["spec"].get("containers") or ()), *(pod["spec"].get("initContainers") or ())]:
            if name not in ((container.get("resources") or {}).get(field) or {}):
                missing.setdefault(key, []).append(container.get("name", ""))
    return missing


def matches_scopes(quota: Object, kind: Kind, obj: Object) -> bool:
    """Say whether a quota's scopes choose this object."""
    spec = quota.get("spec") or {}
    wanted: list[dict[str, Any]] = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    wanted += (spec.get("scopeSelector") or {}).get("matchExpressions") or []
    if not wanted:
        return True
    if kind.resource == "persistentvolumeclaims":
        return all(_claim_in_scope(one, obj) for one in wanted)
    return kind.resource == "pods" and all(_in_scope(one, obj) for one in wanted)


def _claim_in_scope(wanted: dict[str, Any], claim: Object) -> bool:
    name = (claim.get("spec") or {}).get("volumeAttributesClassName") or ""
    return wanted.get("scopeName") == "VolumeAttributesClass" and _matches_class(wanted, name)


def _in_scope(wanted: dict[str, Any], pod: Object) -> bool:
    scope, spec = wanted.get("scopeName"), pod["spec"]
    if scope in ("Terminating", "NotTerminating"):
        return (spec.get("activeDeadlineSeconds") is not None) is (scope == "Terminating")
    if scope in ("BestEffort", "NotBestEffort"):
        return (qos_class(spec) == "BestEffort") is (scope == "BestEffort")
    if scope == "PriorityClass":
        return _matches_class(wanted, spec.get("priorityClassName") or "")
    return scope == "CrossNamespacePodAffinity" and any(_reaches_out(term) for term in _affinity_terms(spec))


def _affinity_terms(spec: Object) -> Iterator[Object]:
    for field in ("podAffinity", "podAntiAffinity"):
        rules = (spec.get("affinity") or {}).get(field) or {}
        yield from rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for one in rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield one.get("podAffinityTerm") or {}


def _reaches_out(term: Object) -> bool:
    """Say whether an affinity term looks at pods of other namespaces."""
    return bool(term.get("namespaces")) or term.get("namespaceSelector") is not None


def _matches_class(wanted: dict[str, Any], name: str) -> bool:
    operator, values = wanted.get("operator", "Exists"), wanted.get("values") or ()
    if operator == "In":
        return name in values
    if operator == "NotIn":
        return name not in values
    return bool(name) is (operator == "Exists")
