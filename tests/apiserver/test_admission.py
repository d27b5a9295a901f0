"""Admission: what the plugins add and what they refuse."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.request import Request
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import pod


def refused(client: Client, obj: dict[str, Any], namespace: str = "default", resource: str = "pods") -> str:
    with pytest.raises(StatusError) as caught:
        client.create(resource, obj, namespace)
    return caught.value.message


def test_a_pod_gets_an_account_a_token_tolerations_and_a_priority(client: Client) -> None:
    spec = client.create("pods", pod("web"), "default")["spec"]
    assert spec["serviceAccountName"] == "default" and spec["priority"] == 0
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"][0]["name"] == volume["name"]
    assert [one["key"] for one in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]


def test_a_pod_needs_its_service_account(client: Client) -> None:
    message = refused(client, pod("web", serviceAccountName="ghost"))
    assert message == (
        'pods "web" is forbidden: error looking up service account default/ghost: serviceaccount "ghost" not found'
    )


def test_a_namespace_must_be_there(client: Client) -> None:
    assert refused(client, {"metadata": {"name": "a"}}, "ghost", "configmaps") == 'namespaces "ghost" not found'


def test_a_limit_range_fills_in_and_bounds(client: Client) -> None:
    limits = [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}, "max": {"cpu": "1"}}]
    client.create("limitranges", {"metadata": {"name": "lr"}, "spec": {"limits": limits}}, "default")
    made = client.create("pods", pod("web"), "default")
    assert made["spec"]["containers"][0]["resources"] == {"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}}
    assert made["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
    )
    big = pod("big")
    big["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "2"}}
    assert "maximum cpu usage per Container is 1, but limit is 2" in refused(client, big)


def test_a_quota_is_charged_and_then_exceeded(client: Client) -> None:
    quota = {"metadata": {"name": "q"}, "spec": {"hard": {"configmaps": "1"}}}
    client.create("resourcequotas", quota, "default")
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    assert client.get("resourcequotas", "q", "default")["status"]["used"] == {"configmaps": "1"}
    message = refused(client, {"metadata": {"name": "b"}}, "default", "configmaps")
    assert message == (
        'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, '
        "limited: configmaps=1"
    )


def test_a_restricted_namespace_refuses_plain_pods(client: Client) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    client.create("namespaces", {"metadata": {"name": "strict", "labels": labels}})
    client.create("serviceaccounts", {"metadata": {"name": "default"}}, "strict")
    assert 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false' in refused(
        client, pod("web"), "strict"
    )


def test_a_priority_class_becomes_a_number(client: Client) -> None:
    client.create("priorityclasses.scheduling.k8s.io", {"metadata": {"name": "high"}, "value": 1000})
    assert client.create("pods", pod("web", priorityClassName="high"), "default")["spec"]["priority"] == 1000
    assert "no PriorityClass with name ghost was found" in refused(client, pod("x", priorityClassName="ghost"))


def test_claims_get_the_default_class_and_its_protection(client: Client) -> None:
    mark = {"storageclass.kubernetes.io/is-default-class": "true"}
    client.create(
        "storageclasses.storage.k8s.io",
        {"metadata": {"name": "std", "annotations": mark}, "provisioner": "example.com/p"},
    )
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    made = client.create("persistentvolumeclaims", {"metadata": {"name": "c"}, "spec": spec}, "default")
    assert made["spec"]["storageClassName"] == "std"
    assert made["metadata"]["finalizers"] == ["kubernetes.io/pvc-protection"]


def test_every_gate_leaves_its_verdict(client: Client) -> None:
    request = Request("create", client.user, resource="pods", namespace="default", body=pod("web"))
    client.server.handle(request)
    stages = [verdict.stage for verdict in request.verdicts]
    assert stages[0] == "authz" and "mutating" in stages and "validation" in stages
    assert all(verdict.allowed for verdict in request.verdicts)


def test_a_certificate_request_says_who_asked_not_who_it_says(client: Client) -> None:
    request = base64.b64encode(b"-----BEGIN CERTIFICATE REQUEST-----").decode()
    spec = {"request": request, "signerName": "example.com/own", "usages": ["client auth"], "username": "somebody"}
    body = {"metadata": {"name": "me"}, "spec": spec}
    made = client.create("certificatesigningrequests.certificates.k8s.io", body)["spec"]
    assert made["username"] == client.user.name
    assert made["groups"] == list(client.user.groups)
