"""autoscaling/v1: one CPU target; everything newer travels in annotations, as Kubernetes converts it."""

from __future__ import annotations

from typing import Any

import orjson

from cluster.machinery.meta import Object, meta

_PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, CURRENT, CONDITIONS, BEHAVIOR = (
    _PREFIX + word for word in ("metrics", "current-metrics", "conditions", "behavior")
)
_CARRIED = (METRICS, CURRENT, CONDITIONS, BEHAVIOR)


def _cpu_target(metric: dict[str, Any]) -> int | None:
    resource = metric.get("resource") or {}
    if metric.get("type") != "Resource" or resource.get("name") != "cpu":
        return None
    found: int | None = (resource.get("target") or {}).get("averageUtilization")
    return found


def _without_carried(obj: Object) -> dict[str, str]:
    return {key: value for key, value in (meta(obj).get("annotations") or {}).items() if key not in _CARRIED}


def _with_annotations(obj: Object, annotations: dict[str, str], **fields: Any) -> Object:
    metadata = {key: value for key, value in meta(obj).items() if key != "annotations"}
    if annotations:
        metadata["annotations"] = annotations
    return {**obj, **fields, "metadata": metadata}


def _read(obj: Object, key: str) -> Any:
    text = (meta(obj).get("annotations") or {}).get(key)
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError:
        return None


def _flat(metric: dict[str, Any]) -> dict[str, Any]:
    """Return a v2 metric in the v1 annotation's older form."""
    kind = (metric.get("type") or "").lower()
    source = dict(metric.get("resource") or {}) if kind == "resource" else None
    if source is None:
        return metric
    target = source.pop("target", None) or source.pop("current", None) or {}
    names = {"averageUtilization": "targetAverageUtilization", "averageValue": "targetAverageValue"}
    source.update({names[field]: value for field, value in target.items() if field in names})
    return {"type": metric["type"], "resource": source}


def _full(metric: dict[str, Any]) -> dict[str, Any]:
    """Return an annotation's metric in the v2 form."""
    source = dict(metric.get("resource") or {})
    if metric.get("type") != "Resource" or "target" in source:
        return metric
    target: dict[str, Any] = {}
    if source.get("targetAverageUtilization") is not None:
        target = {"type": "Utilization", "averageUtilization": source.pop("targetAverageUtilization")}
    elif source.get("targetAverageValue") is not None:
        target = {"type": "AverageValue", "averageValue": source.pop("targetAverageValue")}
    return {"type": "Resource", "resource": {**source, "target": target}}


def to_v1(obj: Object) -> Object:
    """Return a stored autoscaler as autoscaling/v1."""
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    metrics = spec.pop("metrics", None) or []
    annotations = _without_carried(obj)
    others = []
    for metric in metrics:
        target = _cpu_target(metric)
        if target is None or "targetCPUUtilizationPercentage" in spec:
            others.append(_flat(metric))
        else:
            spec["targetCPUUtilizationPercentage"] = target
    carried = (
        (METRICS, others),
        (CURRENT, status.pop("currentMetrics", None)),
        (CONDITIONS, status.pop("conditions", None)),
        (BEHAVIOR, spec.pop("behavior", None)),
    )
    annotations.update({key: orjson.dumps(value).decode() for key, value in carried if value})
    status.setdefault("currentReplicas", 0)
    status.setdefault("desiredReplicas", 0)
    return _with_annotations(obj, annotations, apiVersion="autoscaling/v1", spec=spec, status=status)


def from_v1(obj: Object) -> Object:
    """Return an autoscaling/v1 object in the stored version."""
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    metrics = [_full(metric) for metric in _read(obj, METRICS) or ()]
    cpu = spec.pop("targetCPUUtilizationPercentage", None)
    if cpu is not None:
        target = {"type": "Utilization", "averageUtilization": cpu}
        metrics.insert(0, {"type": "Resource", "resource": {"name": "cpu", "target": target}})
    status.pop("currentCPUUtilizationPercentage", None)
    for place, field, key in ((status, "currentMetrics", CURRENT), (status, "conditions", CONDITIONS)):
        if _read(obj, key):
            place[field] = _read(obj, key)
    if _read(obj, BEHAVIOR):
        spec["behavior"] = _read(obj, BEHAVIOR)
    if metrics:
        spec["metrics"] = metrics
    return _with_annotations(obj, _without_carried(obj), apiVersion="autoscaling/v2", spec=spec, status=status)
