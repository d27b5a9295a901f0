"""Binding, eviction, scale, resize and the addresses of Services."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.proxying import split
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import pod


def bind(client: Client, name: str, node: str) -> None:
    binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}}
    client.create("pods", binding, "default", name=name, subresource="binding")


def test_a_pod_is_bound_once(client: Client) -> None:
    client.create("pods", pod("web"), "default")
    bind(client, "web", "worker-1")
    bound = client.get("pods", "web", "default")
    assert bound["spec"]["nodeName"] == "worker-1"
    assert bound["status"]["conditions"][0]["type"] == "PodScheduled"
    with pytest.raises(StatusError, match='pod web is already assigned to node "worker-1"'):
        bind(client, "web", "worker-2")


def budget(client: Client, **status: Any) -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    made = client.create("poddisruptionbudgets.policy", {"metadata": {"name": "b"}, "spec": spec}, "default")
    client.update_status("poddisruptionbudgets.policy", {**made, "status": {"observedGeneration": 1, **status}})


def running(client: Client) -> None:
    made = client.create("pods", pod("web", nodeName="worker-1"), "default")
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    client.update_status("pods", {**made, "status": ready})


def test_a_budget_without_room_refuses_an_eviction(client: Client) -> None:
    running(client)
    budget(client, disruptionsAllowed=0, desiredHealthy=1, currentHealthy=1, expectedPods=1)
    with pytest.raises(StatusError) as caught:
        client.create("pods", {"metadata": {"name": "web"}}, "default", name="web", subresource="eviction")
    assert caught.value.code == 429
    cause = caught.value.details["causes"][0]["message"]
    assert cause == "The disruption budget b needs 1 healthy pods and has 1 currently"


def test_an_eviction_names_its_pod(client: Client) -> None:
    with pytest.raises(StatusError) as caught:
        client.create("pods", {"metadata": {"name": "other"}}, "default", name="web", subresource="eviction")
    assert (caught.value.code, caught.value.message) == (400, "name in URL does not match name in Eviction object")


def test_an_eviction_spends_a_disruption(client: Client) -> None:
    running(client)
    budget(client, disruptionsAllowed=1, desiredHealthy=1, currentHealthy=2, expectedPods=2)
    client.create("pods", {"metadata": {"name": "web"}}, "default", name="web", subresource="eviction")
    assert client.get("pods", "web", "default")["metadata"]["deletionTimestamp"]
    spent = client.get("poddisruptionbudgets.policy", "b", "default")["status"]
    assert spent["disruptionsAllowed"] == 0 and list(spent["disruptedPods"]) == ["web"]


def test_a_workload_is_scaled_through_its_scale(client: Client) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    client.create("deployments.apps", {"metadata": {"name": "web"}, "spec": spec}, "default")
    scale = client.get("deployments.apps", "web", "default", subresource="scale")
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == ("Scale", {"replicas": 2}, "app=web")
    client.patch("deployments.apps", "web", {"spec": {"replicas": 5}}, "default", subresource="scale")
    assert client.get("deployments.apps", "web", "default")["spec"]["replicas"] == 5


def service(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}}


def test_services_get_addresses_and_keep_them(client: Client) -> None:
    one = client.create("services", service("one"), "default")
    two = client.create("services", service("two"), "default")
    assert one["spec"]["clusterIP"] != two["spec"]["clusterIP"]
    replaced = client.update("services", {**service("one"), "metadata": {"name": "one", "namespace": "default"}})
    assert replaced["spec"]["clusterIP"] == one["spec"]["clusterIP"]


def test_an_address_or_port_that_is_taken_is_refused(client: Client) -> None:
    one = client.create("services", service("one", type="NodePort"), "default")
    address, port = one["spec"]["clusterIP"], one["spec"]["ports"][0]["nodePort"]
    with pytest.raises(StatusError, match=f"failed to allocate IP {address}: provided IP is already allocated"):
        client.create("services", service("two", clusterIP=address), "default")
    with pytest.raises(StatusError, match="provided port is already allocated"):
        client.create("services", service("two", type="NodePort", ports=[{"port": 80, "nodePort": port}]), "default")


def test_a_change_of_type_gives_and_takes_node_ports(client: Client) -> None:
    client.create("services", service("one"), "default")
    opened = client.patch("services", "one", {"spec": {"type": "NodePort"}}, "default")
    assert opened["spec"]["ports"][0]["nodePort"] >= 30000
    closed = client.patch("services", "one", {"spec": {"type": "ClusterIP"}}, "default")
    assert "nodePort" not in closed["spec"]["ports"][0]


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("web", ("", "web", "")),
        ("web:80", ("", "web", "80")),
        ("https:web:http", ("https", "web", "http")),
        ("https:web:", ("https", "web", "")),
    ],
)
def test_a_proxied_target_names_scheme_and_port(target: str, parts: tuple[str, str, str]) -> None:
    assert split("services", target) == parts


@pytest.mark.parametrize("target", ["ftp:web:80", "a:b:c:d", ":80", ""])
def test_a_proxied_target_of_another_form_is_a_bad_request(target: str) -> None:
    with pytest.raises(StatusError, match="invalid service request"):
        split("services", target)
