"""Services: defaults, rows, and what they are refused for."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.kinds.builders import change_problems, kind, problems, service, stored


def test_a_service_gets_type_affinity_and_target_port() -> None:
    spec = stored(service())["spec"]
    assert spec["type"] == "ClusterIP"
    assert spec["sessionAffinity"] == "None"
    assert spec["internalTrafficPolicy"] == "Cluster"
    assert spec["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert "externalTrafficPolicy" not in spec


def test_a_load_balancer_takes_traffic_from_outside() -> None:
    spec = stored(service(type="LoadBalancer"))["spec"]
    assert spec["externalTrafficPolicy"] == "Cluster"
    assert spec["allocateLoadBalancerNodePorts"] is True


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"ports": []}, "spec.ports: Required value"),
        ({"ports": [{"port": 80}, {"port": 81}]}, "spec.ports[0].name: Required value"),
        ({"sessionAffinity": "Sticky"}, 'spec.sessionAffinity: Unsupported value: "Sticky"'),
        ({"externalIPs": ["127.0.0.1"]}, 'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback'),
        (
            {"type": "ExternalName", "ports": []},
            "spec.externalName: Required value",
        ),
    ],
)
def test_a_service_is_refused(fields: dict[str, Any], problem: str) -> None:
    assert problems(service(**fields))[0].startswith(problem)


def test_a_cluster_address_never_changes() -> None:
    old = stored(service(clusterIP="10.96.0.20", clusterIPs=["10.96.0.20"]))
    new = copy.deepcopy(old)
    new["spec"] |= {"clusterIP": "10.96.0.21", "clusterIPs": ["10.96.0.21"]}
    assert change_problems(new, old)[0] == (
        'spec.clusterIPs[0]: Invalid value: ["10.96.0.21"]: may not change once set'
    )


def test_the_row_shows_node_ports_and_pending_addresses() -> None:
    made = stored(service(type="LoadBalancer", clusterIPs=["10.96.0.20"], ports=[{"port": 80, "nodePort": 30080}]))
    show = kind("Service").row
    assert show is not None
    assert list(show(made, 0.0))[1:5] == ["LoadBalancer", "10.96.0.20", "<pending>", "80:30080/TCP"]
