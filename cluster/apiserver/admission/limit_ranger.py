"""LimitRanger: defaults and bounds of resources in a namespace. https://kubernetes.io/docs/concepts/policy/limit-range/

Follows plugin/pkg/admission/limitranger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery import quantity
from cluster.machinery.meta import Object
from cluster.machinery.quantity import Quantity

_ANNOTATION = "kubernetes.io/limit-ranger"
_Amounts = dict[str, Quantity]


class LimitRanger(Plugin):
    name = "LimitRanger"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods", "persistentvolumeclaims"})
    mutates = True
    judges = True

    def admit(self, attributes: Attributes) -> None:
        if not attributes.concerns("pods") or attributes.operation != CREATE:
            return
        for limit_range in _ranges(attributes):
            notes: list[str] = []
            spec = attributes.object["spec"]
            requests, limits = _defaults(limit_range)
            for container in spec.get("containers") or ():
                notes += _merge(container, requests, limits, "container")
            for container in spec.get("initContainers") or ():
                notes += _merge(container, requests, limits, "init container")
            if notes:
                annotations = attributes.object["metadata"].setdefault("annotations", {})
                annotations[_ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource or (attributes.kind.resource == "pods" and attributes.operation == UPDATE):
            return
        for limit_range in _ranges(attributes):
            errors_of = _pod_errors if attributes.kind.resource == "pods" else _claim_errors
            found = list(errors_of(limit_range, attributes.object))
            if found:
                raise attributes.forbid(found[0] if len(found) == 1 else f"[{', '.join(found)}]")


def _ranges(attributes: Attributes) -> list[Object]:
    return list(attributes.server.store.list("limitranges", attributes.namespace))


def _items(limit_range: Object, kind: str) -> list[dict[str, Any]]:
    return [item for item in (limit_range.get("spec") or {}).get("limits") or () if item.get("type") == kind]


def _defaults(limit_range: Object) -> tuple[dict[str, str], dict[str, str]]:
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in _items(limit_range, "Container"):
        requests |= item.get("defaultRequest") or {}
        limits |= item.get("default") or {}
    return requests, limits


def _merge(container: dict[str, Any], requests: dict[str, str], limits: dict[str, str], word: str) -> list[str]:
    notes: list[str] = []
    resources = container.setdefault("resources", {})
    for field, defaults in (("requests", requests), ("limits", limits)):
        given = resources.get(field) or {}
        added = [name for name in sorted(defaults) if name not in given]
        if added:
            resources[field] = {**given, **{name: defaults[name] for name in added}}
            shown = ", ".join(added)
            notes.append(f"{shown} {field[:-1]} for {word} {container.get('name', '')}")
    return notes


def _amounts(values: dict[str, Any] | None) -> _Amounts:
    return {name: quantity.parse(value) for name, value in (values or {}).items()}


def _pod_errors(limit_range: Object, pod: Object) -> Iterator[str]:
    spec = pod["spec"]
    for item in (limit_range.get("spec") or {}).get("limits") or ():
        if item.get("type") == "Container":
            for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
                resources = container.get("resources") or {}
                requests, limits = _amounts(resources.get("requests")), _amounts(resources.get("limits"))
                yield from _bounds(item, "Container", requests, limits)
        elif item.get("type") == "Pod":
            requests, limits = _pod_sums(spec, "requests"), _pod_sums(spec, "limits")
            yield from _bounds(item, "Pod", requests, limits)


def _pod_sums(spec: Object, field: str) -> _Amounts:
    """Return a pod's sums: those of its containers, or its largest init container where that is more."""
    total: _Amounts = {}
    for container in spec.get("containers") or ():
        for name, amount in _amounts((container.get("resources") or {}).get(field)).items():
            total[name] = total[name] + amount if name in total else amount
    for container in spec.get("initContainers") or ():
        for name, amount in _amounts((container.get("resources") or {}).get(field)).items():
            total[name] = max(total[name], amount) if name in total else amount
    return total


def _claim_errors(limit_range: Object, claim: Object) -> Iterator[str]:
    requests = _amounts(((claim.get("spec") or {}).get("resources") or {}).get("requests"))
    for item in _items(limit_range, "PersistentVolumeClaim"):
        for name, bound in sorted(_amounts(item.get("min")).items()):
            yield from _at_least(name, "PersistentVolumeClaim", bound, requests, {})
        for name, bound in sorted(_amounts(item.get("max")).items()):
            yield from _request_at_most(name, "PersistentVolumeClaim", bound, requests)


def _bounds(item: dict[str, Any], kind: str, requests: _Amounts, limits: _Amounts) -> Iterator[str]:
    for name, bound in sorted(_amounts(item.get("min")).items()):
        yield from _at_least(name, kind, bound, requests, limits)
    for name, bound in sorted(_amounts(item.get("max")).items()):
        yield from _at_most(name, kind, bound, requests, limits)
    for name, ratio in sorted(_amounts(item.get("maxLimitRequestRatio")).items()):
        yield from _ratio(name, kind, ratio, requests, limits)


def _at_least(name: str, kind: str, bound: Quantity, requests: _Amounts, limits: _Amounts) -> Iterator[str]:
    request, limit = requests.get(name), limits.get(name)
    if request is None:
        yield f"minimum {name} usage per {kind} is {bound}.  No request is specified"
    elif request < bound:
        yield f"minimum {name} usage per {kind} is {bound}, but request is {request}"
    elif limit is not None and limit < bound:
        yield f"minimum {name} usage per {kind} is {bound}, but limit is {limit}"


def _at_most(name: str, kind: str, bound: Quantity, requests: _Amounts, limits: _Amounts) -> Iterator[str]:
    request, limit = requests.get(name), limits.get(name)
    if limit is None:
        yield f"maximum {name} usage per {kind} is {bound}.  No limit is specified"
    elif limit > bound:
        yield f"maximum {name} usage per {kind} is {bound}, but limit is {limit}"
    elif request is not None and request > bound:
        yield f"maximum {name} usage per {kind} is {bound}, but request is {request}"


def _request_at_most(name: str, kind: str, bound: Quantity, requests: _Amounts) -> Iterator[str]:
    request = requests.get(name)
    if request is None:
        yield f"maximum {name} usage per {kind} is {bound}.  No request is specified"
    elif request > bound:
        yield f"maximum {name} usage per {kind} is {bound}, but request is {request}"


def _ratio(name: str, kind: str, bound: Quantity, requests: _Amounts, limits: _Amounts) -> Iterator[str]:
    request, limit = requests.get(name), limits.get(name)
    if request is None or request.is_zero:
        yield f"{name} max limit to request ratio per {kind} is {bound}, but no request is specified or request is 0"
    elif limit is None or limit.is_zero:
        yield f"{name} max limit to request ratio per {kind} is {bound}, but no limit is specified or limit is 0"
    elif limit.nanos > bound.nanos / quantity.NANO * request.nanos:
        observed = f"{limit.nanos / request.nanos:.6f}"
        yield f"{name} max limit to request ratio per {kind} is {bound}, but provided ratio is {observed}"
