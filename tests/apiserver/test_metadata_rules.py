"""What metadata is refused for when an object is made and when it changes."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError

TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
BAD = {"metadata": {"labels": {"a": "b c"}}}


def causes(refused: pytest.ExceptionInfo[StatusError]) -> list[str]:
    return [cause["field"] for cause in refused.value.details["causes"]]


def deployment(client: Client) -> None:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE}
    client.create("deployments.apps", {"metadata": {"name": "web"}, "spec": spec}, "default")


def patch(client: Client, resource: str, name: str, body: Any, namespace: str = "default") -> None:
    client.patch(resource, name, body, namespace, patch_type="merge")


def test_a_finalizer_without_a_domain_is_one_of_the_servers_own(client: Client) -> None:
    client.create("configmaps", {"metadata": {"name": "good", "finalizers": ["a.io/b", "orphan"]}}, "default")
    with pytest.raises(StatusError) as refused:
        client.create("configmaps", {"metadata": {"name": "bad", "finalizers": ["a.io/b", "mine"]}}, "default")
    assert refused.value.message.endswith(
        'metadata.finalizers[1]: Invalid value: "mine": '
        "name is neither a standard finalizer name nor is it fully qualified"
    )


def test_an_event_owns_nothing(client: Client) -> None:
    owner = {"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "1"}
    with pytest.raises(StatusError, match="/v1, Kind=Event is disallowed from being an owner"):
        client.create("configmaps", {"metadata": {"name": "a", "ownerReferences": [owner]}}, "default")


def test_a_bad_label_is_found_by_everybody_who_looks_at_a_change(client: Client) -> None:
    deployment(client)
    client.create("configmaps", {"metadata": {"name": "cm"}}, "default")
    client.create("roles.rbac.authorization.k8s.io", {"metadata": {"name": "r"}, "rules": []}, "default")
    looks = {("deployments.apps", "web"): 3, ("configmaps", "cm"): 4, ("roles.rbac.authorization.k8s.io", "r"): 5}
    for (resource, name), count in looks.items():
        with pytest.raises(StatusError) as refused:
            patch(client, resource, name, BAD)
        assert causes(refused) == ["metadata.labels"] * count
        assert refused.value.message.count("metadata.labels") == 1


def test_a_node_and_a_role_are_judged_as_new_and_as_changed(client: Client) -> None:
    client.create("nodes", {"metadata": {"name": "n"}})
    with pytest.raises(StatusError) as refused:
        patch(client, "nodes", "n", {"spec": {"taints": [{"key": "a b", "effect": "NoSchedule"}]}}, "")
    assert causes(refused) == ["metadata.taints[0].key"] * 2
    client.create("roles.rbac.authorization.k8s.io", {"metadata": {"name": "r"}, "rules": []}, "default")
    with pytest.raises(StatusError) as refused:
        patch(client, "roles.rbac.authorization.k8s.io", "r", {"rules": [{"apiGroups": [""], "resources": ["pods"]}]})
    assert causes(refused) == ["rules[0].verbs"] * 2


def test_a_map_in_an_error_is_sorted_by_key(client: Client) -> None:
    deployment(client)
    with pytest.raises(StatusError) as refused:
        patch(client, "deployments.apps", "web", {"spec": {"selector": {"matchLabels": {"a": "b"}}}})
    assert 'spec.selector: Invalid value: {"matchLabels":{"a":"b","app":"web"}}: field is immutable' in (
        refused.value.message
    )


@pytest.mark.parametrize("change", ["put", "patch"])
def test_a_changed_object_names_itself(client: Client, change: str) -> None:
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    with pytest.raises(StatusError) as refused:
        if change == "put":
            client.request("update", "configmaps", body={"metadata": {}}, name="a", namespace="default")
        else:
            patch(client, "configmaps", "a", {"metadata": {"name": None}})
    assert refused.value.message == (
        "the name of the object (a based on URL) was undeterminable: name must be provided"
    )
