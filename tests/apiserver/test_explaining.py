"""Why a user may or may not: bindings, what each rule misses, and the least role that would do."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.authz.explain import explain, smallest_role
from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.client import Client
from cluster.apiserver.request import ADMIN, User, service_account
from cluster.apiserver.server import ApiServer
from tests.apiserver.conftest import DEV, EVE

RBAC = "rbac.authorization.k8s.io"
LIST_PODS = Asked("list", "", "pods", "default")


def give(client: Client, user: User, rule: dict[str, Any], name: str = "reader", namespace: str = "default") -> None:
    """Bind a Role with one rule to a user."""
    client.create(f"roles.{RBAC}", {"metadata": {"name": name}, "rules": [rule]}, namespace)
    client.create(
        f"rolebindings.{RBAC}",
        {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": user.name, "apiGroup": RBAC}],
        },
        namespace,
    )


@pytest.mark.parametrize(
    ("rule", "differs"),
    [
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}, ("verb",)),
        ({"verbs": ["list"], "apiGroups": ["apps"], "resources": ["pods"]}, ("group",)),
        ({"verbs": ["list"], "apiGroups": [""], "resources": ["pods/log"]}, ("resource",)),
        ({"verbs": ["list"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["web"]}, ("name",)),
        ({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}, ("verb", "resource")),
    ],
)
def test_each_rule_says_what_it_misses(
    client: Client, server: ApiServer, rule: dict[str, Any], differs: tuple[str, ...]
) -> None:
    give(client, DEV, rule)
    found = explain(server, DEV, LIST_PODS)
    mine = next(one for one in found.bindings if one.binding["name"] == "reader")
    assert not found.allowed and mine.rules[0].differs == differs and mine.rules[0].rule == rule
    assert (mine in found.nearly) is (len(differs) == 1)


def test_a_binding_of_another_namespace_is_shown_as_nearly_matching(client: Client, server: ApiServer) -> None:
    give(client, DEV, {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}, namespace="kube-system")
    found = explain(server, DEV, LIST_PODS)
    (other,) = found.elsewhere
    assert other.binding == {"kind": "RoleBinding", "name": "reader", "namespace": "kube-system"}
    assert other in found.nearly and not other.allows


def test_roles_that_would_allow_it_and_are_not_bound_are_named(client: Client, server: ApiServer) -> None:
    found = explain(server, EVE, LIST_PODS)
    names = [one.role["name"] for one in found.unbound]
    assert {"view", "edit", "admin", "cluster-admin"} <= set(names)
    assert "system:kube-dns" not in names
    secrets = explain(server, EVE, Asked("get", "", "secrets", "default", "key"))
    assert "view" not in [one.role["name"] for one in secrets.unbound]


def test_a_binding_to_a_role_that_is_not_there_says_so(client: Client, server: ApiServer) -> None:
    give(client, DEV, {"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]})
    client.delete(f"roles.{RBAC}", "reader", "default")
    found = explain(server, DEV, LIST_PODS)
    assert [one.role_exists for one in found.bindings if one.binding["name"] == "reader"] == [False]
    assert found.reason == 'RBAC: role.rbac.authorization.k8s.io "reader" not found'


@pytest.mark.parametrize(
    "asked",
    [
        LIST_PODS,
        Asked("get", "", "secrets", "default", "key"),
        Asked("create", "apps", "deployments", "default", "web"),
        Asked("get", "", "nodes", "", "worker-1"),
        Asked("update", "apps", "deployments/scale", "default", "web"),
        Asked("get", path="/metrics"),
    ],
)
@pytest.mark.parametrize("user", [EVE, service_account("default", "robot")])
def test_the_smallest_role_allows_what_was_asked_and_nothing_next_to_it(
    client: Client, server: ApiServer, user: User, asked: Asked
) -> None:
    role, binding = smallest_role(user, asked)
    for manifest in (role, binding):
        plural = f"{manifest['kind'].lower()}s.{RBAC}"
        client.create(plural, manifest, asked.namespace if "Cluster" not in manifest["kind"] else "")
    assert explain(server, user, asked).allowed
    for other in ("delete", "patch"):
        assert not explain(server, user, Asked(other, asked.group, asked.resource, asked.namespace, asked.name)).allowed


def test_the_administrators_group_needs_no_binding(server: ApiServer) -> None:
    found = explain(server, ADMIN, LIST_PODS)
    assert found.allowed and [verdict.by for verdict in found.verdicts] == ["system:masters"]
