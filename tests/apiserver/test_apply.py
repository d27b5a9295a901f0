"""Server-side apply and the bookkeeping of managedFields."""

from __future__ import annotations

import json
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


def refusal(client: Client, obj: dict[str, Any], manager: str = "ada", **options: Any) -> StatusError:
    with pytest.raises(StatusError) as caught:
        apply(client, obj, manager, **options)
    return caught.value


def owners(client: Client) -> dict[str, Any]:
    entries = client.get("configmaps", "a", "default")["metadata"].get("managedFields") or []
    return {entry["manager"]: entry["fieldsV1"] for entry in entries}


def test_two_managers_of_one_field_are_both_named(client: Client) -> None:
    apply(client, config_map(k="1"), "ada")
    apply(client, config_map(k="1"), "dev")
    assert refusal(client, config_map(k="2"), "eve").message == (
        'Apply failed with 2 conflicts: conflict with "ada": .data.k\nconflict with "dev": .data.k'
    )


def test_the_version_applied_is_the_version_of_the_address(client: Client) -> None:
    said = refusal(client, {**config_map(), "apiVersion": "v2"})
    assert (said.code, said.message) == (
        400,
        "Incorrect version specified in apply patch. Specified patch version: v2, expected: v1",
    )


def test_an_apply_of_managers_is_refused(client: Client) -> None:
    obj = config_map()
    obj["metadata"]["managedFields"] = []
    assert refusal(client, obj).message == "metadata.managedFields must be nil"


def test_a_uid_that_nothing_has_is_a_conflict(client: Client) -> None:
    obj = config_map()
    obj["metadata"]["uid"] = "u"
    assert refusal(client, obj).message == (
        'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u, '
        "and no existing object was found"
    )


def test_one_empty_entry_forgets_all_managers(client: Client) -> None:
    apply(client, config_map(k="1"), "ada")
    client.patch("configmaps", "a", {"metadata": {"managedFields": [{}]}}, "default")
    assert owners(client) == {}


def test_an_empty_list_of_managers_forgets_nobody(client: Client) -> None:
    apply(client, config_map(k="1"), "ada")
    client.patch("configmaps", "a", {"metadata": {"managedFields": []}}, "default")
    assert owners(client) == {"ada": {"f:data": {"f:k": {}}}}


def test_updates_of_a_forgotten_object_are_followed_from_the_first_apply_on(client: Client) -> None:
    apply(client, config_map(k="1"), "ada")
    client.patch("configmaps", "a", {"metadata": {"managedFields": [{}]}}, "default")
    client.patch("configmaps", "a", {"data": {"l": "1"}}, "default", field_manager="dev")
    assert owners(client) == {}
    apply(client, config_map(k="1"), "ada")
    assert owners(client) == {
        "ada": {"f:data": {"f:k": {}}},
        "before-first-apply": {"f:data": {".": {}, "f:k": {}, "f:l": {}}},
    }


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def applied_on_the_client(client: Client, **data: str) -> None:
    obj = config_map(**data)
    told = json.dumps({**config_map(**data), "metadata": {"name": "a", "annotations": {}}})
    obj["metadata"]["annotations"] = {LAST_APPLIED: told}
    client.create("configmaps", obj, "default", field_manager="kubectl-client-side-apply")


def test_kubectl_takes_over_what_it_applied_on_the_client(client: Client) -> None:
    applied_on_the_client(client, k="1")
    assert apply(client, config_map(k="2"), "kubectl")["data"] == {"k": "2"}


def test_another_manager_does_not_take_over_what_kubectl_applied_on_the_client(client: Client) -> None:
    applied_on_the_client(client, k="1")
    said = refusal(client, config_map(k="2"), "dev").message
    assert said == 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.k'


def test_the_last_applied_configuration_is_kept_in_step(client: Client) -> None:
    applied_on_the_client(client, k="1")
    made = apply(client, config_map(k="2", l="3"), "kubectl")
    told = json.loads(made["metadata"]["annotations"][LAST_APPLIED])
    assert told == config_map(k="2", l="3")


def untypable(client: Client, obj: dict[str, Any]) -> str:
    error = refusal(client, obj, field_validation="Strict")
    start, _, why = error.message.partition("): ")
    assert (error.code, start.partition(" (")[0]) == (500, "failed to create typed patch object")
    return why


@pytest.mark.parametrize(
    ("container", "why"),
    [
        ({"img": "x"}, '.spec.template.spec.containers[name="c"].img: field not declared in schema'),
        (
            {"tty": "yes"},
            '.spec.template.spec.containers[name="c"].tty: expected boolean, got &value.valueUnstructured{Value:"yes"}',
        ),
        (
            {"args": ["a", 1]},
            '.spec.template.spec.containers[name="c"].args[1]: expected string, got &value.valueUnstructured{Value:1}',
        ),
        (
            {"ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]},
            '.spec.template.spec.containers[name="c"].ports: '
            'duplicate entries for key [containerPort=80,protocol="TCP"]',
        ),
        (
            {"ports": [{"containerPort": "80"}]},
            '.spec.template.spec.containers[name="c"].ports[containerPort="80",protocol="TCP"].containerPort: '
            "expected numeric (int or float), got string",
        ),
        (
            {"env": [{"value": "x"}]},
            '.spec.template.spec.containers[name="c"].env: element 0: associative list with keys has an element '
            'that omits key field "name" (and doesn\'t have default value)',
        ),
        ({"args": {"a": 1}}, '.spec.template.spec.containers[name="c"].args: expected list, got &{map[a:1]}'),
    ],
)
def test_what_has_no_place_in_the_schema_cannot_be_applied(client: Client, container: dict[str, Any], why: str) -> None:
    obj = deployment()
    obj["spec"]["template"]["spec"]["containers"][0] |= container
    assert untypable(client, obj) == why


def test_everything_without_a_place_is_listed(client: Client) -> None:
    assert untypable(client, {**config_map(), "one": 1, "two": 2}) == (
        "errors:\n  .one: field not declared in schema\n  .two: field not declared in schema"
    )


@pytest.mark.parametrize("given", [{"resources": {"limits": {"cpu": 1}}}, {"env": None}, {"ports": []}])
def test_quantities_and_nulls_have_their_places(client: Client, given: dict[str, Any]) -> None:
    obj = deployment()
    obj["spec"]["template"]["spec"]["containers"][0] |= given
    assert apply(client, obj, "ada", field_validation="Strict")["metadata"]["name"] == "web"
