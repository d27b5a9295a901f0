"""What containers and machines use, as metrics-server tells it."""

from __future__ import annotations

import pytest

from cluster.machinery.errors import StatusError
from cluster.machinery.labels import from_map
from cluster.machinery.quantity import parse
from cluster.metrics.resource import ResourceMetrics
from tests.network.conftest import NetLab


def metrics(net: NetLab) -> ResourceMetrics:
    lab = net.simulation
    return ResourceMetrics(lab.store, lab.state, lab.clock, lab.server.ids)


def cpu(net: NetLab, app: str) -> float:
    found = metrics(net).pod_metrics("default", from_map({"app": app}))
    return sum(parse(one["usage"]["cpu"]).nanos / 1e9 for pod in found for one in pod["containers"])


def test_load_raises_cpu_and_passes(net: NetLab) -> None:
    net.deployment("php", "registry.k8s.io/hpa-example", replicas=1)
    net.service("php")
    net.run(60)
    assert cpu(net, "php") < 0.01
    for _ in range(120):
        net.fetch("http://php/")
    assert 0.25 < cpu(net, "php") < 0.5
    net.run(120)
    assert cpu(net, "php") < 0.01


def test_a_pod_is_unknown_until_it_was_measured(net: NetLab) -> None:
    net.deployment("web", replicas=1)
    assert metrics(net).pod_metrics("default") == []
    net.run(30)
    found = metrics(net).pod_metrics("default")
    assert found[0]["containers"][0]["usage"]["memory"].endswith("Ki")


def test_every_node_uses_something(net: NetLab) -> None:
    found = metrics(net).node_metrics()
    assert [one["metadata"]["name"] for one in found] == ["cp-1", "worker-1", "worker-2"]
    assert all(parse(one["usage"]["cpu"]).nanos > 0 for one in found)


def test_the_autoscaler_gets_nothing_without_metrics_server(net: NetLab) -> None:
    net.run(60)
    assert metrics(net).pod_usage("kube-system", from_map({})) is not None
    net.client.patch("deployments.apps", "metrics-server", {"spec": {"replicas": 0}}, "kube-system")
    net.run(60)
    assert metrics(net).pod_usage("kube-system", from_map({})) is None


def test_a_limit_caps_cpu(net: NetLab) -> None:
    container = {"name": "c", "image": "polinux/stress", "command": ["stress", "--cpu", "4"]}
    container["resources"] = {"limits": {"cpu": "500m"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hot", "labels": {"app": "hot"}}}
    net.create("pods", pod, {"containers": [container]})
    net.run(60)
    assert cpu(net, "hot") == 0.5


def test_the_api_is_there_as_long_as_metrics_server_is(net: NetLab) -> None:
    net.run(60)
    found = net.client.list("pods.metrics.k8s.io", "kube-system", label_selector="k8s-app=kube-dns")["items"]
    assert len(found) == 2
    assert net.client.get("nodes.metrics.k8s.io", "worker-1")["usage"]["cpu"].endswith("n")
    net.client.patch("deployments.apps", "metrics-server", {"spec": {"replicas": 0}}, "kube-system")
    net.run(60)
    with pytest.raises(StatusError, match="currently unable to handle the request"):
        net.client.list("nodes.metrics.k8s.io")
    net.client.delete("apiservices.apiregistration.k8s.io", "v1beta1.metrics.k8s.io")
    with pytest.raises(StatusError, match="could not find the requested resource"):
        net.client.list("nodes.metrics.k8s.io")
