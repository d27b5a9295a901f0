"""Defaults of pods and templates."""

from __future__ import annotations

import pytest

from cluster.kinds.podspec.images import default_pull_policy, tag_of
from cluster.kinds.podspec.quality import qos_class
from tests.kinds.builders import container, pod, stored, workload


@pytest.mark.parametrize(
    ("image", "tag", "policy"),
    [
        ("nginx", "latest", "Always"),
        ("nginx:latest", "latest", "Always"),
        ("nginx:1.27", "1.27", "IfNotPresent"),
        ("registry:5000/nginx", "latest", "Always"),
        ("nginx@sha256:abc", "", "IfNotPresent"),
    ],
)
def test_the_tag_decides_when_an_image_is_pulled(image: str, tag: str, policy: str) -> None:
    assert tag_of(image) == tag
    assert default_pull_policy(image) == policy


def test_a_plain_pod_gets_the_usual_fields() -> None:
    spec = stored(pod())["spec"]
    assert spec["restartPolicy"] == "Always"
    assert spec["dnsPolicy"] == "ClusterFirst"
    assert spec["terminationGracePeriodSeconds"] == 30
    assert spec["securityContext"] == {}
    assert spec["schedulerName"] == "default-scheduler"
    assert spec["enableServiceLinks"] is True


def test_a_template_gets_no_service_links() -> None:
    assert "enableServiceLinks" not in stored(workload())["spec"]["template"]["spec"]


def test_limits_are_requested_when_nothing_else_is_said() -> None:
    limited = container(resources={"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}})
    resources = stored(pod("p", limited))["spec"]["containers"][0]["resources"]
    assert resources["requests"] == {"cpu": "100m", "memory": "1Gi"}


def test_a_template_keeps_its_limits_to_itself() -> None:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [container(resources={"limits": {"cpu": "1"}})]},
    }
    assert stored(workload(template=template))["spec"]["template"]["spec"]["containers"][0]["resources"] == {
        "limits": {"cpu": "1"}
    }


def test_probes_count_by_the_usual_numbers() -> None:
    probe = stored(pod("p", container(readinessProbe={"httpGet": {"port": 80}})))["spec"]["containers"][0][
        "readinessProbe"
    ]
    assert probe == {
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }


def test_a_hook_that_is_null_or_of_a_wrong_type_gets_no_defaults() -> None:
    hooks = {"preStop": None, "postStart": {"httpGet": "/"}}
    assert stored(pod("p", container(lifecycle=hooks)))["spec"]["containers"][0]["lifecycle"] == hooks


def test_ports_on_the_hosts_network_are_the_hosts() -> None:
    spec = stored(pod("p", container(ports=[{"containerPort": 80}]), hostNetwork=True))["spec"]
    assert spec["containers"][0]["ports"] == [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]


def test_a_volume_without_a_source_is_an_empty_directory() -> None:
    assert stored(pod("p", volumes=[{"name": "v"}]))["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]


def test_a_negative_grace_period_becomes_one_second() -> None:
    assert stored(pod("p", terminationGracePeriodSeconds=-5))["spec"]["terminationGracePeriodSeconds"] == 1


@pytest.mark.parametrize(
    ("resources", "wanted"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}}, "Burstable"),
    ],
)
def test_resources_decide_the_quality_of_service(resources: dict[str, dict[str, str]], wanted: str) -> None:
    assert qos_class({"containers": [container(resources=resources)]}) == wanted
