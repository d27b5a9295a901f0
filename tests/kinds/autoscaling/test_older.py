"""autoscaling/v1 is a view of the stored autoscaler."""

from __future__ import annotations

from typing import Any

from cluster.kinds.autoscaling.older import CONDITIONS, METRICS, from_v1, to_v1
from tests.kinds.builders import problems, stored


def autoscaler(**spec: Any) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 5, **spec},
    }


def resource(name: str, used: int) -> dict[str, Any]:
    return {
        "type": "Resource",
        "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": used}},
    }


def test_an_autoscaler_watches_the_processor_unless_told_otherwise() -> None:
    assert stored(autoscaler())["spec"]["metrics"] == [resource("cpu", 80)]
    assert problems(autoscaler()) == []


def test_the_processor_target_is_a_field_and_the_rest_an_annotation() -> None:
    old = to_v1(autoscaler(metrics=[resource("cpu", 50), resource("memory", 70)]))
    assert old["spec"]["targetCPUUtilizationPercentage"] == 50
    assert METRICS in old["metadata"]["annotations"]
    assert "metrics" not in old["spec"]


def test_the_way_back_loses_nothing() -> None:
    newer = autoscaler(metrics=[resource("cpu", 50), resource("memory", 70)])
    newer["status"] = {"currentReplicas": 1, "desiredReplicas": 2, "conditions": [{"type": "AbleToScale"}]}
    older = to_v1(newer)
    assert CONDITIONS in older["metadata"]["annotations"]
    assert from_v1(older) == newer
