"""Services: their addresses, families and node ports, and the objects that stand for the addresses."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError


def service(client: Client, name: str = "web", **spec: Any) -> dict[str, Any]:
    ports = spec.pop("ports", [{"port": 80}])
    body = {"metadata": {"name": name}, "spec": {"ports": ports, **spec}}
    return client.create("services", body, "default")


def addresses(client: Client) -> dict[str, Any]:
    found = client.list("ipaddresses.networking.k8s.io")["items"]
    return {item["metadata"]["name"]: item["spec"]["parentRef"] for item in found}


def test_each_cluster_ip_is_an_object_that_goes_with_its_service(client: Client) -> None:
    address = service(client)["spec"]["clusterIP"]
    assert addresses(client)[address] == {"resource": "services", "namespace": "default", "name": "web"}
    held = client.get("ipaddresses.networking.k8s.io", address)
    assert held["metadata"]["labels"] == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }
    client.delete("services", "web", "default")
    assert address not in addresses(client)


def test_a_headless_service_holds_no_address_and_one_that_becomes_a_name_gives_its_own_back(client: Client) -> None:
    before = addresses(client)
    service(client, "quiet", clusterIP="None")
    assert addresses(client) == before
    service(client)
    patch = {"spec": {"type": "ExternalName", "externalName": "example.com"}}
    changed = client.patch("services", "web", patch, "default", patch_type="merge")
    assert changed["spec"].keys() & {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} == set()
    assert addresses(client) == before


def test_a_service_may_become_a_name_by_giving_up_its_address_itself(client: Client) -> None:
    service(client)
    patch = {"spec": {"type": "ExternalName", "externalName": "example.com", "clusterIP": "", "clusterIPs": None}}
    changed = client.patch("services", "web", patch, "default", patch_type="merge")
    assert changed["spec"].keys() & {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} == set()


def test_a_service_that_is_refused_leaves_no_address_behind(client: Client) -> None:
    before = addresses(client)
    with pytest.raises(StatusError):
        service(client, sessionAffinity="Sometimes")
    assert addresses(client) == before


def test_a_service_without_a_name_is_refused_and_leaves_no_address_behind(client: Client) -> None:
    before = addresses(client)
    with pytest.raises(StatusError, match="metadata.name: Required value: name or generateName is required"):
        client.create("services", {"metadata": {}, "spec": {"ports": [{"port": 80}]}}, "default")
    assert addresses(client) == before


def test_an_address_object_made_by_hand_is_taken(client: Client) -> None:
    parent = {"resource": "services", "namespace": "default", "name": "mine"}
    body = {"metadata": {"name": "10.96.7.7"}, "spec": {"parentRef": parent}}
    client.create("ipaddresses.networking.k8s.io", body)
    with pytest.raises(StatusError, match="provided IP is already allocated"):
        service(client, clusterIP="10.96.7.7")


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (
            {"ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
            "this cluster is not configured for dual-stack services",
        ),
        ({"ipFamilies": ["IPv6"]}, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        (
            {"ipFamilies": ["IPv4", "IPv6"]},
            'spec.ipFamilyPolicy: Invalid value: "SingleStack": '
            "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
        ),
        (
            {"clusterIPs": ["10.96.0.77"]},
            'spec.clusterIPs: Invalid value: ["10.96.0.77"]: must be empty when `clusterIP` is not specified',
        ),
        (
            {"clusterIP": "10.96.0.77", "clusterIPs": ["10.96.0.78"]},
            'spec.clusterIPs: Invalid value: ["10.96.0.78"]: first value must match `clusterIP`',
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-32767",
        ),
    ],
)
def test_what_this_cluster_cannot_give_is_refused(client: Client, spec: dict[str, Any], text: str) -> None:
    with pytest.raises(StatusError) as refused:
        service(client, **spec)
    assert refused.value.message == f'Service "web" is invalid: {text}'


def test_two_protocols_of_one_port_may_share_a_node_port(client: Client) -> None:
    ports = [{"name": one, "protocol": one.upper(), "port": 53, "nodePort": 30053} for one in ("tcp", "udp")]
    assert [port["nodePort"] for port in service(client, type="NodePort", ports=ports)["spec"]["ports"]] == [30053] * 2


def test_a_patch_of_the_older_field_alone_changes_both_and_is_refused(client: Client) -> None:
    service(client, clusterIP="10.96.0.77")
    with pytest.raises(StatusError, match="may not change once set"):
        client.patch("services", "web", {"spec": {"clusterIP": "10.96.0.78"}}, "default", patch_type="merge")


def test_the_class_of_a_load_balancer_stays(client: Client) -> None:
    service(client, type="LoadBalancer", loadBalancerClass="example.com/one")
    with pytest.raises(StatusError, match="spec.loadBalancerClass.*may not change once set"):
        patch = {"spec": {"loadBalancerClass": "example.com/other"}}
        client.patch("services", "web", patch, "default", patch_type="merge")
