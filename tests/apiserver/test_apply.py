"""Server-side apply and the bookkeeping of managedFields."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.local import admin, local_server
from cluster.machinery.errors import StatusError


@pytest.fixture
def client() -> Client:
    return admin(local_server())


def deployment(**spec: Any) -> dict[str, Any]:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}
    whole = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": whole}


def apply(client: Client, obj: dict[str, Any], manager: str, **options: Any) -> dict[str, Any]:
    plural = {"Deployment": "deployments.apps", "ConfigMap": "configmaps"}[obj["kind"]]
    name = obj["metadata"]["name"]
    return client.patch(plural, name, obj, "default", patch_type="apply", field_manager=manager, **options)


def config_map(**data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}


def test_applying_what_is_not_there_creates_it_and_owns_what_it_says(client: Client) -> None:
    made = apply(client, config_map(k="1"), "ada")
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("ada", "Apply")
    assert entry["fieldsV1"] == {"f:data": {"f:k": {}}}


def test_a_field_no_longer_applied_is_removed(client: Client) -> None:
    apply(client, config_map(k="1", l="2"), "ada")
    assert apply(client, config_map(k="1"), "ada")["data"] == {"k": "1"}


def test_a_field_of_another_manager_survives(client: Client) -> None:
    apply(client, config_map(k="1"), "ada")
    assert apply(client, config_map(l="2"), "dev")["data"] == {"k": "1", "l": "2"}


def test_taking_anothers_field_is_a_conflict_unless_forced(client: Client) -> None:
    client.create("deployments.apps", deployment(replicas=1), "default", field_manager="kubectl-create")
    wanted = deployment(replicas=9)
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:2"
    with pytest.raises(StatusError) as caught:
        apply(client, wanted, "alice")
    assert caught.value.message == (
        'Apply failed with 2 conflicts: conflicts with "kubectl-create" using apps/v1:\n- .spec.replicas\n'
        '- .spec.template.spec.containers[name="c"].image'
    )
    forced = apply(client, wanted, "alice", force=True)
    assert forced["spec"]["replicas"] == 9


def test_applying_the_same_again_writes_nothing(client: Client) -> None:
    first = apply(client, deployment(replicas=2), "ada")
    assert apply(client, deployment(replicas=2), "ada") == first


def test_an_update_takes_over_what_it_changes(client: Client) -> None:
    made = client.create("configmaps", config_map(k="1", l="2"), "default", field_manager="ada")
    client.patch("configmaps", "a", {"data": {"k": "3"}}, "default", field_manager="dev")
    entries = client.get("configmaps", "a", "default")["metadata"]["managedFields"]
    owned = {entry["manager"]: entry["fieldsV1"] for entry in entries}
    assert owned == {"ada": {"f:data": {".": {}, "f:l": {}}}, "dev": {"f:data": {"f:k": {}}}}
    assert made["metadata"]["managedFields"][0]["fieldsV1"] == {"f:data": {".": {}, "f:k": {}, "f:l": {}}}


def test_a_conflict_names_the_version_of_updates_only(client: Client) -> None:
    def colours(colour: str) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "named"}, "data": {"colour": colour}}

    client.patch("configmaps", "named", colours("red"), "default", patch_type="apply", field_manager="ci")
    with pytest.raises(StatusError) as caught:
        client.patch("configmaps", "named", colours("blue"), "default", patch_type="apply", field_manager="me")
    assert caught.value.message == 'Apply failed with 1 conflict: conflict with "ci": .data.colour'
