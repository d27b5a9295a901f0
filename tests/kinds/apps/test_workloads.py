"""Deployments, StatefulSets and DaemonSets: defaults and refusals."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.kinds.builders import change_problems, container, problems, stored, workload


def as_kind(kind: str, **spec: Any) -> dict[str, Any]:
    return {**workload(**spec), "kind": kind}


def test_a_deployment_rolls_by_a_quarter() -> None:
    spec = stored(workload())["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert spec["revisionHistoryLimit"] == 10
    assert spec["progressDeadlineSeconds"] == 600


def test_recreate_knows_no_rolling_update() -> None:
    strategy = {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}
    assert problems(workload(strategy=strategy)) == [
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
    ]


def test_the_selector_must_select_the_template() -> None:
    template = {"metadata": {"labels": {"b": "2", "a": "1"}}, "spec": {"containers": [container()]}}
    assert problems(workload(template=template)) == [
        'spec.template.metadata.labels: Invalid value: {"a":"1","b":"2"}: `selector` does not match template `labels`'
    ]


@pytest.mark.parametrize("kind", ["Deployment", "DaemonSet", "ReplicaSet"])
def test_the_selector_never_changes(kind: str) -> None:
    old = stored(as_kind(kind))
    new = copy.deepcopy(old)
    labels = {"app": "web", "more": "1"}
    new["spec"]["template"]["metadata"]["labels"] = labels
    new["spec"]["selector"] = {"matchLabels": labels}
    assert change_problems(new, old)[-1].endswith("field is immutable")


def test_a_stateful_set_mounts_its_claims() -> None:
    mounting = container(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [mounting]}}
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    assert problems(as_kind("StatefulSet", template=template, volumeClaimTemplates=[claim])) == []


def test_a_stateful_set_keeps_its_service() -> None:
    old = stored(as_kind("StatefulSet", serviceName="a"))
    new = copy.deepcopy(old)
    new["spec"]["serviceName"] = "b"
    assert change_problems(new, old)[0].startswith("spec: Forbidden: updates to statefulset spec")


def test_a_daemon_set_counts_the_versions_of_its_template() -> None:
    assert stored(as_kind("DaemonSet"))["metadata"]["annotations"] == {"deprecated.daemonset.template.generation": "1"}
