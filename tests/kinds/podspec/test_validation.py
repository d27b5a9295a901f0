"""What a pod's spec is refused for, in the server's words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.builders import container, pod, problems


def test_a_good_pod_has_no_problems() -> None:
    good = container(
        ports=[{"name": "http", "containerPort": 80}],
        env=[{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
        resources={"requests": {"cpu": "100m", "memory": "64Mi"}},
        livenessProbe={"exec": {"command": ["true"]}},
        volumeMounts=[{"name": "data", "mountPath": "/data"}],
    )
    assert problems(pod("web", good, volumes=[{"name": "data", "emptyDir": {}}])) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"ports": [{"containerPort": 0}]}, "spec.containers[0].ports[0].containerPort: Required value"),
        (
            {"ports": [{"containerPort": 80, "name": "Web"}]},
            'spec.containers[0].ports[0].name: Invalid value: "Web": '
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (
            {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}},
            'spec.containers[0].resources.requests: Invalid value: "2Gi": '
            "must be less than or equal to memory limit of 1Gi",
        ),
        (
            {"volumeMounts": [{"name": "gone", "mountPath": "/x"}]},
            'spec.containers[0].volumeMounts[0].name: Not found: "gone"',
        ),
        (
            {"livenessProbe": {"httpGet": {"port": 0}}},
            "spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive",
        ),
        (
            {"imagePullPolicy": "Often"},
            'spec.containers[0].imagePullPolicy: Unsupported value: "Often": '
            'supported values: "Always", "IfNotPresent", "Never"',
        ),
    ],
)
def test_a_container_is_refused(fields: dict[str, Any], problem: str) -> None:
    assert problems(pod("web", container(**fields))) == [problem]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            {"tolerations": [{"key": "a", "operator": "Exists", "value": "x"}]},
            'spec.tolerations[0].operator: Invalid value: {"Key":"a","Operator":"Exists","Value":"x","Effect":"",'
            "\"TolerationSeconds\":null}: value must be empty when `operator` is 'Exists'",
        ),
        (
            {"volumes": [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}]},
            "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
        ),
        (
            {"topologySpreadConstraints": [{"topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
            "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
        ),
        (
            {"dnsPolicy": "None"},
            "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
        ),
        ({"hostname": "Web"}, "spec.hostname: Invalid value"),
    ],
)
def test_a_spec_is_refused(fields: dict[str, Any], problem: str) -> None:
    found = problems(pod("web", **fields))
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_volumes_are_named_before_containers() -> None:
    found = problems(pod("web", container(image=""), volumes=[{"name": "V", "emptyDir": {}}]))
    assert [text.partition(":")[0] for text in found] == ["spec.volumes[0].name", "spec.containers[0].image"]


def test_a_sidecar_may_have_probes_and_an_init_container_may_not() -> None:
    probe = {"exec": {"command": ["true"]}}
    sidecar = container("side", restartPolicy="Always", readinessProbe=probe)
    plain = container("init", readinessProbe=probe)
    assert problems(pod("web", initContainers=[sidecar])) == []
    assert problems(pod("web", initContainers=[plain])) == [
        "spec.initContainers[0].readinessProbe: Forbidden: "
        "may not be set for init containers without restartPolicy=Always"
    ]
