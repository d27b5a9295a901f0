"""Commands that change objects: create, apply, patch, label, set, scale, replace, delete."""

from __future__ import annotations

import pytest

from cluster.kubectl.lastapplied import ANNOTATION
from tests.kubectl.desk import Desk


def test_apply_creates_then_leaves_alone_then_configures(desk: Desk) -> None:
    assert desk.say("kubectl apply -f web.yaml").out == "deployment.apps/web created\n"
    assert desk.say("kubectl apply -f web.yaml").out == "deployment.apps/web unchanged\n"
    desk.say("kubectl set image deploy/web nginx=nginx:1.26")
    assert desk.say("kubectl apply -f web.yaml").out == "deployment.apps/web configured\n"
    assert (
        desk.client.get("deployments.apps", "web", "default")["spec"]["template"]["spec"]["containers"][0]["image"]
        == "nginx:1.25"
    )


def test_apply_leaves_what_others_set_and_takes_back_what_it_gave(desk: Desk) -> None:
    desk.say("kubectl apply -f cm.yaml")
    desk.say('kubectl patch cm settings -p \'{"data":{"other":"1"}}\'')
    desk.write("cm.yaml", 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: "3"}\n')
    desk.say("kubectl apply -f cm.yaml")
    assert desk.client.get("configmaps", "settings", "default")["data"] == {"other": "1", "level": "3"}


def test_apply_warns_of_what_it_did_not_create(desk: Desk) -> None:
    desk.say("kubectl create -f cm.yaml")
    answer = desk.say("kubectl apply -f cm.yaml")
    assert answer.out == "configmap/settings configured\n"
    assert answer.err.startswith("Warning: resource configmaps/settings is missing the " + ANNOTATION)


def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    before = desk.server.store.revision
    assert desk.say("kubectl apply -f web.yaml --dry-run=client").out == "deployment.apps/web created (dry run)\n"
    assert desk.say("kubectl apply -f web.yaml --dry-run=server").out == (
        "deployment.apps/web created (server dry run)\n"
    )
    assert desk.server.store.revision == before


def test_deleting_as_a_dry_run_of_the_client_asks_the_server_nothing(desk: Desk) -> None:
    answer = desk.say("kubectl delete endpoints nobody --dry-run=client")
    assert (answer.out, answer.err, answer.code) == ('endpoints "nobody" deleted (dry run)\n', "", 0)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(desk: Desk) -> None:
    desk.write(
        "many.yaml",
        "kind: Nope\napiVersion: v1\nmetadata: {name: x}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ok}\n",
    )
    answer = desk.say("kubectl create -f many.yaml")
    assert answer.out == "configmap/ok created\n"
    assert answer.err == (
        'error: resource mapping not found for name: "x" namespace: "" from "many.yaml": no matches '
        'for kind "Nope" in version "v1"\nensure CRDs are installed first\n'
    )
    assert answer.code == 1


def test_standard_input_is_waited_for(desk: Desk) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: piped}\n"
    assert desk.run("create", "-f", "-", stdin=text).out == "configmap/piped created\n"


def test_a_generator_prints_what_it_would_send(desk: Desk) -> None:
    assert desk.say("kubectl create sa robot --dry-run=client -o yaml").out == (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  creationTimestamp: null\n  name: robot\n"
    )


@pytest.mark.parametrize(
    ("line", "err"),
    [
        ("kubectl create deployment web", 'error: required flag(s) "image" not set\n'),
        (
            "kubectl create sa",
            "error: exactly one NAME is required, got 0\n"
            "See 'kubectl create serviceaccount -h' for help and examples\n",
        ),
        ("kubectl create", "error: must specify one of -f and -k\n"),
        ("kubectl apply -f nope.yaml", 'error: the path "nope.yaml" does not exist\n'),
        ("kubectl scale deploy web", 'error: required flag(s) "replicas" not set\n'),
        ("kubectl delete pods", "error: resource(s) were provided, but no name was specified\n"),
        ("kubectl label cm settings a", "error: at least one label update is required\n"),
    ],
)
def test_what_is_missing_is_named(desk: Desk, line: str, err: str) -> None:
    answer = desk.say(line)
    assert (answer.err, answer.code) == (err, 1)


def test_labels_are_added_kept_and_taken_away(desk: Desk) -> None:
    desk.say("kubectl create -f cm.yaml")
    assert desk.say("kubectl label cm settings a=1").out == "configmap/settings labeled\n"
    assert desk.say("kubectl label cm settings a=2").err == (
        "error: 'a' already has a value (1), and --overwrite is false\n"
    )
    assert desk.say("kubectl label cm settings a=1").out == "configmap/settings not labeled\n"
    assert desk.say("kubectl label cm settings a-").out == "configmap/settings unlabeled\n"


def test_scale_writes_through_the_subresource(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    assert desk.say("kubectl scale deploy web --replicas=5").out == "deployment.apps/web scaled\n"
    assert desk.client.get("deployments.apps", "web", "default")["spec"]["replicas"] == 5
    assert desk.say("kubectl scale deploy web --replicas=1 --current-replicas=9").err == (
        "error: Expected replicas to be 9, was 5\n"
    )


def test_set_env_shows_and_changes_variables(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    desk.say("kubectl set env deploy/web MODE=prod LEVEL=3")
    desk.say("kubectl set env deploy/web LEVEL-")
    assert desk.say("kubectl set env deploy/web --list").out == "# Deployment web, container nginx\nMODE=prod\n"


def test_delete_waits_until_the_object_is_gone(desk: Desk) -> None:
    desk.client.create(
        "configmaps",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "held", "namespace": "default", "finalizers": ["example.com/hold"]},
        },
    )
    call = desk.start("delete", "cm", "held")
    assert "".join(call.out) == 'configmap "held" deleted\n'
    assert call.state["exit"] is None
    live = desk.client.get("configmaps", "held", "default")
    desk.client.update("configmaps", {**live, "metadata": {**live["metadata"], "finalizers": []}})
    assert desk.step(call) == 0


def test_delete_gives_up_at_its_timeout(desk: Desk) -> None:
    desk.client.create(
        "configmaps",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "held", "namespace": "default", "finalizers": ["example.com/hold"]},
        },
    )
    answer = desk.run("delete", "cm", "held", "--timeout=2s", patience=5)
    assert answer.err == "error: timed out waiting for the condition on configmaps/held\n"


def test_replace_by_force_deletes_and_creates(desk: Desk) -> None:
    desk.say("kubectl create -f cm.yaml")
    before = desk.client.get("configmaps", "settings", "default")["metadata"]["uid"]
    assert desk.say("kubectl replace --force -f cm.yaml").out == (
        'configmap "settings" deleted\nconfigmap/settings replaced\n'
    )
    assert desk.client.get("configmaps", "settings", "default")["metadata"]["uid"] != before


def test_diff_says_what_apply_would_change_and_ends_with_one(desk: Desk) -> None:
    desk.say("kubectl apply -f cm.yaml")
    assert desk.say("kubectl diff -f cm.yaml").code == 0
    desk.write("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: red}\n")
    answer = desk.say("kubectl diff -f cm.yaml")
    assert answer.code == 1
    assert "-  color: blue\n+  color: red\n" in answer.out


def test_a_kustomization_names_what_it_generates_by_content(desk: Desk) -> None:
    desk.write(
        "k/kustomization.yaml",
        "resources: [web.yaml]\nnamePrefix: my-\nconfigMapGenerator:\n- name: c\n  literals: [a=1]\n",
    )
    desk.write("k/web.yaml", desk.files.data["/root/web.yaml"].decode())
    lines = desk.say("kubectl apply -k k").out.splitlines()
    assert lines[0].startswith("configmap/my-c-")
    assert lines[1] == "deployment.apps/my-web created"


def owners_of_settings(desk: Desk) -> dict[tuple[str, str], list[str]]:
    entries = desk.client.get("configmaps", "settings", "default")["metadata"]["managedFields"]
    return {(one["manager"], one["operation"]): sorted(one["fieldsV1"]) for one in entries}


def test_server_side_apply_takes_over_what_was_applied_on_the_client(desk: Desk) -> None:
    desk.say("kubectl apply -f cm.yaml")
    assert desk.say("kubectl apply --server-side -f cm.yaml").err == ""
    assert owners_of_settings(desk) == {
        ("kubectl", "Apply"): ["f:data"],
        ("kubectl-last-applied", "Apply"): ["f:metadata"],
    }
    desk.write("cm.yaml", 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: "3"}\n')
    desk.say("kubectl apply --server-side -f cm.yaml")
    assert desk.client.get("configmaps", "settings", "default")["data"] == {"level": "3"}


def test_a_dry_run_cannot_move_an_object_to_server_side_apply(desk: Desk) -> None:
    desk.say("kubectl apply -f cm.yaml")
    answer = desk.say("kubectl apply --server-side --dry-run=server -f cm.yaml")
    assert answer.out == "configmap/settings serverside-applied (server dry run)\n"
    assert answer.err == (
        f"Warning: failed to migrate {ANNOTATION} for Server-Side Apply. This is non-fatal and will be retried next "
        'time you apply. Error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: '
        f".metadata.annotations.{ANNOTATION}\n"
    )
