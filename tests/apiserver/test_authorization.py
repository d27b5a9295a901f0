"""Who may do what: RBAC, impersonation, escalation, reviews."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.request import node_user
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import DEV, EVE, Ask

RBAC = "rbac.authorization.k8s.io"


def grant(client: Client, user: str, role: str, namespace: str) -> None:
    subject = {"kind": "User", "name": user, "apiGroup": RBAC}
    binding = {
        "metadata": {"name": f"{user}-{role}"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
    client.create(f"rolebindings.{RBAC}", binding, namespace)


def test_a_user_without_rights_is_told_which_one_is_missing(client: Client) -> None:
    with pytest.raises(StatusError) as caught:
        client.as_user(EVE).list("pods", "default")
    assert caught.value.message == (
        'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"'
    )


def test_a_role_binding_counts_in_its_namespace_only_and_at_once(client: Client) -> None:
    developer = client.as_user(DEV)
    with pytest.raises(StatusError):
        developer.list("pods", "default")
    grant(client, "dev", "edit", "default")
    assert developer.list("pods", "default")["items"] == []
    with pytest.raises(StatusError):
        developer.list("pods", "kube-system")
    client.delete(f"rolebindings.{RBAC}", "dev-edit", "default")
    with pytest.raises(StatusError):
        developer.list("pods", "default")


def test_nobody_grants_what_they_do_not_hold(client: Client) -> None:
    grant(client, "dev", "admin", "default")
    developer = client.as_user(DEV)
    with pytest.raises(StatusError, match="attempting to grant RBAC permissions not currently held"):
        grant(developer, "eve", "cluster-admin", "default")
    grant(developer, "eve", "view", "default")
    assert client.as_user(EVE).list("pods", "default")["items"] == []


def test_a_kubelet_writes_its_own_node_only(client: Client) -> None:
    for name in ("worker-1", "worker-2"):
        client.create("nodes", {"metadata": {"name": name}})
    kubelet = client.as_user(node_user("worker-1"))
    kubelet.patch("nodes", "worker-1", {"metadata": {"labels": {"a": "b"}}})
    with pytest.raises(StatusError, match='node "worker-1" is not allowed to modify node "worker-2"'):
        kubelet.patch("nodes", "worker-2", {"metadata": {"labels": {"a": "b"}}})


def body(answer: Any) -> Any:
    return json.loads(answer.body)


def test_an_administrator_acts_as_somebody_else(ask: Ask) -> None:
    answer = ask("GET", "/api/v1/pods", impersonate_user="eve")
    assert answer.code == 403 and 'User "eve" cannot list' in body(answer)["message"]
    assert ask("GET", "/api/v1/pods", token="eve", impersonate_user="kubernetes-admin").code == 403


def test_paths_that_are_no_resources_are_guarded_too(ask: Ask) -> None:
    assert ask("GET", "/version", token="eve").code == 200
    assert body(ask("GET", "/metrics", token="eve"))["message"] == 'forbidden: User "eve" cannot get path "/metrics"'


def test_reviews_answer_as_requests_would(client: Client, ask: Ask) -> None:
    grant(client, "dev", "view", "default")
    where = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    asked = {"verb": "list", "resource": "pods", "namespace": "default"}
    answer = body(ask("POST", where, {"spec": {"resourceAttributes": asked}}, token="dev"))
    assert answer["status"] == {
        "allowed": True,
        "reason": 'RBAC: allowed by RoleBinding "default/dev-view" of ClusterRole "view" to User "dev"',
    }
    who = body(ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token="dev"))
    assert who["status"]["userInfo"]["username"] == "dev"


def test_a_service_account_token_is_good_while_its_account_lives(client: Client) -> None:
    made = client.create("serviceaccounts", {}, "default", name="default", subresource="token")
    tokens = client.server.tokens
    user = tokens.user(client.server, made["status"]["token"])
    assert user is not None and user.name == "system:serviceaccount:default:default"
    assert tokens.user(client.server, made["status"]["token"] + "x") is None
    client.delete("serviceaccounts", "default", "default")
    assert tokens.user(client.server, made["status"]["token"]) is None
