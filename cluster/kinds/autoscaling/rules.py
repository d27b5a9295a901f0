"""Checks of autoscalers: target, bounds, metrics, behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.validation.fields import Errors, one_of, texts
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported
from cluster.machinery.meta import Object
from cluster.machinery.names import path_segment
from cluster.machinery.quantity import parse

Part = Mapping[str, Any]

_FIELDS = {
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "External": "external",
}
_MISSING = "must populate information for the given metric source"
_HOUR, _HALF_HOUR = 3600, 1800


def validate(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    errors: Errors = []
    if least is not None and least < 1:
        errors.append(invalid_value("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        errors.append(required("spec.maxReplicas", "must be set and greater than 0"))
    if least is not None and most < least:
        errors.append(invalid_value("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    errors += _reference("spec.scaleTargetRef", spec.get("scaleTargetRef") or {})
    for index, metric in enumerate(spec.get("metrics") or ()):
        errors += _metric(f"spec.metrics[{index}]", metric)
    return errors + _behavior("spec.behavior", spec.get("behavior") or {})


def _reference(path: str, reference: Part) -> Errors:
    errors: Errors = []
    for field in ("kind", "name"):
        value = reference.get(field) or ""
        errors += texts(f"{path}.{field}", value, path_segment(value)) if value else [required(f"{path}.{field}")]
    version = reference.get("apiVersion") or ""
    if "/" not in version and reference.get("kind") != "ReplicationController":
        errors.append(invalid_value(f"{path}.apiVersion", version, "apiVersion must specify API group"))
    return errors


def _metric(path: str, metric: Part) -> Errors:
    kind = metric.get("type")
    if not kind:
        return [required(f"{path}.type", "must specify a metric source type")]
    if kind not in _FIELDS:
        return [unsupported(f"{path}.type", kind, tuple(_FIELDS))]
    errors: Errors = []
    wanted = _FIELDS[kind]
    for field in _FIELDS.values():
        if field != wanted and metric.get(field) is not None:
            errors.append(forbidden_field(f"{path}.{field}", "must populate the given metric source only"))
    source = metric.get(wanted)
    if source is None:
        return [*errors, required(f"{path}.{wanted}", _MISSING)]
    return errors + _SOURCES[kind](f"{path}.{wanted}", source)


def _target(path: str, target: Part) -> Errors:
    errors: Errors = []
    kind = target.get("type")
    if not kind:
        errors.append(required(f"{path}.type", "must specify a metric target type"))
    elif kind not in ("Utilization", "Value", "AverageValue"):
        text = "must be either Utilization, Value, or AverageValue"
        errors.append(invalid_value(f"{path}.type", kind, text))
    for field in ("value", "averageValue"):
        if target.get(field) is not None and parse(target[field]).nanos <= 0:
            errors.append(invalid_value(f"{path}.{field}", str(parse(target[field])), "must be positive"))
    used = target.get("averageUtilization")
    if used is not None and used < 1:
        errors.append(invalid_value(f"{path}.averageUtilization", used, "must be greater than 0"))
    return errors


def _resource(path: str, source: Part) -> Errors:
    errors: Errors = [] if source.get("name") else [required(f"{path}.name", "must specify a resource name")]
    target = source.get("target") or {}
    errors += _target(f"{path}.target", target)
    used, value = target.get("averageUtilization"), target.get("averageValue")
    if used is None and value is None:
        text = "must set either a target raw value or a target utilization"
        errors.append(required(f"{path}.target.averageUtilization", text))
    if used is not None and value is not None:
        text = "may not set both a target raw value and a target utilization"
        errors.append(forbidden_field(f"{path}.target.averageValue", text))
    return errors


def _container_resource(path: str, source: Part) -> Errors:
    errors: Errors = [] if source.get("container") else [required(f"{path}.container", "must specify a container")]
    return errors + _resource(path, source)


def _identifier(path: str, source: Part) -> Errors:
    name = (source.get("metric") or {}).get("name") or ""
    where = f"{path}.metric.name"
    return texts(where, name, path_segment(name)) if name else [required(where, "must specify a metric name")]


def _pods(path: str, source: Part) -> Errors:
    target = source.get("target") or {}
    errors = _identifier(path, source) + _target(f"{path}.target", target)
    if target.get("averageValue") is None:
        text = "must specify a positive target averageValue"
        errors.append(required(f"{path}.target.averageValue", text))
    return errors


def _either(path: str, target: Part, text: str) -> Errors:
    errors = _target(f"{path}.target", target)
    if target.get("value") is None and target.get("averageValue") is None:
        errors.append(required(f"{path}.target.averageValue", text))
    return errors


def _object(path: str, source: Part) -> Errors:
    errors = _reference(f"{path}.describedObject", source.get("describedObject") or {}) + _identifier(path, source)
    text = "must set either a target value or averageValue"
    return errors + _either(path, source.get("target") or {}, text)


def _external(path: str, source: Part) -> Errors:
    text = "must set either a target value for metric or a per-pod target"
    return _identifier(path, source) + _either(path, source.get("target") or {}, text)


_SOURCES: Mapping[str, Callable[[str, Part], Errors]] = {
    "Object": _object,
    "Pods": _pods,
    "Resource": _resource,
    "ContainerResource": _container_resource,
    "External": _external,
}


def _behavior(path: str, behavior: Part) -> Errors:
    errors: Errors = []
    for direction in ("scaleUp", "scaleDown"):
        if behavior.get(direction):
            errors += _rules(f"{path}.{direction}", behavior[direction])
    return errors


def _rules(path: str, rules: Part) -> Errors:
    errors: Errors = []
    window = rules.get("stabilizationWindowSeconds")
    if window is not None and window < 0:
        errors.append(
            invalid_value(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
        )
    if window is not None and window > _HOUR:
        text = f"must be less than or equal to {_HOUR}"
        errors.append(invalid_value(f"{path}.stabilizationWindowSeconds", window, text))
    if rules.get("selectPolicy"):
        errors += one_of(f"{path}.selectPolicy", rules["selectPolicy"], ("Disabled", "Max", "Min"))
    if not rules.get("policies"):
        errors.append(required(f"{path}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(rules.get("policies") or ()):
        here = f"{path}.policies[{index}]"
        errors += one_of(f"{here}.type", policy.get("type"), ("Pods", "Percent"))
        if (policy.get("value") or 0) <= 0:
            errors.append(invalid_value(f"{here}.value", policy.get("value") or 0, "must be greater than zero"))
        seconds = policy.get("periodSeconds") or 0
        if seconds <= 0:
            errors.append(invalid_value(f"{here}.periodSeconds", seconds, "must be greater than zero"))
        if seconds > _HALF_HOUR:
            text = f"must be less than or equal to {_HALF_HOUR}"
            errors.append(invalid_value(f"{here}.periodSeconds", seconds, text))
    return errors
