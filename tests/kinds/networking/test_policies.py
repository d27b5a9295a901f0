"""NetworkPolicies and Ingresses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kinds.builders import problems, stored


def policy(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "p", "namespace": "default"},
        "spec": {"podSelector": {}, **spec},
    }


def ingress(*paths: dict[str, Any], host: str = "a.example.com") -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "i", "namespace": "default"},
        "spec": {"rules": [{"host": host, "http": {"paths": list(paths)}}]},
    }


BACKEND = {"service": {"name": "web", "port": {"number": 80}}}


@pytest.mark.parametrize(
    ("spec", "types"),
    [({}, ["Ingress"]), ({"egress": [{}]}, ["Ingress", "Egress"]), ({"policyTypes": ["Egress"]}, ["Egress"])],
)
def test_policy_types_follow_the_rules(spec: dict[str, Any], types: list[str]) -> None:
    assert stored(policy(**spec))["spec"]["policyTypes"] == types


def test_a_block_must_be_a_network() -> None:
    found = problems(policy(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.1"}}]}]))
    assert found == [
        'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.1": '
        "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
    ]


def test_a_path_needs_a_type() -> None:
    assert problems(ingress({"path": "/", "backend": BACKEND})) == [
        "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"
    ]


def test_a_good_ingress_has_no_problems() -> None:
    assert problems(ingress({"path": "/", "pathType": "Prefix", "backend": BACKEND}, host="*.example.com")) == []
