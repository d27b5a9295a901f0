"""A patched object is held against its schema as a body is; in the words of the patch handlers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.request import ADMIN
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import Ask

WEB = "/apis/apps/v1/namespaces/default/deployments/web"
STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"


@pytest.fixture(autouse=True)
def web(client: Client) -> None:
    spec = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "nginx"}]},
        },
    }
    client.create("deployments.apps", {"metadata": {"name": "web"}, "spec": spec}, "default")


@pytest.mark.parametrize("part", ["", "/status", "/scale"])
@pytest.mark.parametrize(
    ("media", "body", "why"),
    [
        (STRATEGIC, {"spec": {"replicas": "two"}}, "unrecognized type: int32"),
        (MERGE, {"spec": {"replicas": "two"}}, "spec.replicas of type int32"),
        (JSON, [{"op": "add", "path": "/spec/replicas", "value": "two"}], "spec.replicas of type int32"),
    ],
)
def test_a_patch_that_spoils_a_type_is_invalid(ask: Ask, part: str, media: str, body: Any, why: str) -> None:
    if part == "/scale" and media != STRATEGIC:
        why = "Go struct field ScaleSpec.spec.replicas of type int32"
    answer = ask("PATCH", WEB + part, body, content_type=media)
    status = json.loads(answer.body)
    assert (answer.code, status["reason"]) == (422, "Invalid")
    assert status["details"]["causes"][0]["field"] == "patch"
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "')
    assert status["message"].endswith(why)


def test_a_strategic_patch_names_itself_and_not_the_object(ask: Ask) -> None:
    answer = ask("PATCH", WEB, {"spec": {"template": {"spec": {"containers": "nginx"}}}}, content_type=STRATEGIC)
    text = json.loads(answer.body)["message"]
    assert 'Invalid value: "map[spec:map[template:map[spec:map[containers:nginx]]]]": cannot restore slice' in text


def test_an_unknown_field_in_a_patch_is_an_error_a_warning_or_nothing(ask: Ask) -> None:
    body = {"spec": {"replicaz": 2}}
    strict = ask("PATCH", WEB + "?fieldValidation=Strict", body, content_type=STRATEGIC)
    assert strict.code == 422
    assert json.loads(strict.body)["message"].endswith('strict decoding error: unknown field "spec.replicaz"')
    warned = ask("PATCH", WEB, body, content_type=MERGE)
    assert warned.code == 200
    assert [text for name, text in warned.headers if name == "Warning"] == ['299 - "unknown field \\"spec.replicaz\\""']
    ignored = ask("PATCH", WEB + "?fieldValidation=Ignore", body, content_type=MERGE)
    assert ignored.code == 200
    assert not [text for name, text in ignored.headers if name == "Warning"]


def test_a_person_s_client_in_the_same_process_is_checked_too(client: Client) -> None:
    person = Client(client.server, ADMIN, checked=True)
    with pytest.raises(StatusError, match="unrecognized type: int32"):
        person.patch("deployments.apps", "web", {"spec": {"replicas": "two"}}, "default", patch_type="strategic")
    with pytest.raises(StatusError, match="cannot be handled as a Deployment"):
        person.create("deployments.apps", {"metadata": {"name": "x"}, "spec": "none"}, "default")


def test_the_body_of_a_scale_is_a_scale(ask: Ask) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 2}}
    answer = ask("PUT", WEB + "/scale", body)
    assert answer.code == 400
    assert "cannot be handled as a Scale" in json.loads(answer.body)["message"]


def test_lists_that_cannot_be_merged_by_value_are_refused_not_fatal(ask: Ask) -> None:
    answer = ask("PATCH", WEB, {"metadata": {"finalizers": [["a"]]}}, content_type=STRATEGIC)
    assert answer.code == 422


@pytest.mark.parametrize(
    ("media", "body", "code", "text"),
    [
        (STRATEGIC, {"spec": {"$patch": "swap"}}, 500, "unknown patch type: swap in map: map[$patch:swap]"),
        (STRATEGIC, {"spec": {"$patch": "merge"}}, 500, "unknown patch type: merge in map: map[$patch:merge]"),
        (STRATEGIC, {"spec": {"strategy": {"$retainKeys": "type"}}}, 400, "invalid patch format of retainKeys"),
        (
            STRATEGIC,
            {"spec": {"strategy": {"$retainKeys": ["rollingUpdate"], "type": "Recreate"}}},
            400,
            "invalid patch format of retainKeys",
        ),
        (
            STRATEGIC,
            {"metadata": {"$deleteFromPrimitiveList/finalizers": "a.io/b"}},
            400,
            "invalid patch format of primitive list",
        ),
        (
            STRATEGIC,
            {"metadata": {"$setElementOrder/ownerReferences": "x"}},
            400,
            "invalid patch format of setElementOrder list",
        ),
        (STRATEGIC, [1], 400, "json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (STRATEGIC, b"{", 400, "unexpected end of JSON input"),
        (MERGE, b"{", 400, "error decoding patch: unexpected end of JSON input"),
        (
            MERGE,
            [1],
            400,
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (
            JSON,
            [{"op": "test", "path": "/spec/replicas", "value": 1}] * 10001,
            413,
            "Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001",
        ),
        (JSON, [{"op": "add", "value": 1}], 422, "the server rejected our request due to an error in our request"),
    ],
)
def test_a_patch_that_cannot_be_applied_is_answered(ask: Ask, media: str, body: Any, code: int, text: str) -> None:
    answer = ask("PATCH", WEB, body, content_type=media)
    assert (answer.code, json.loads(answer.body)["message"]) == (code, text)


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"image": "nginx"}, "map: map[image:nginx] does not contain declared merge key: name"),
        ({"$patch": "delete"}, "map: map[$patch:delete] does not contain declared merge key: name"),
        ({"$patch": "merge", "name": "c"}, "merging lists cannot yet be specified in the patch"),
    ],
)
def test_an_item_that_cannot_be_placed_is_the_servers_fault(ask: Ask, item: Any, text: str) -> None:
    body = {"spec": {"template": {"spec": {"containers": [item]}}}}
    answer = ask("PATCH", WEB, body, content_type=STRATEGIC)
    status = json.loads(answer.body)
    assert (answer.code, status["message"]) == (500, text)
    assert "reason" not in status


def test_items_must_stand_in_the_order_the_patch_gives(ask: Ask) -> None:
    pod = {"$setElementOrder/containers": [{"name": "d"}], "containers": [{"name": "c", "image": "nginx:2"}]}
    answer = ask("PATCH", WEB, {"spec": {"template": {"spec": pod}}}, content_type=STRATEGIC)
    assert answer.code == 500
    assert json.loads(answer.body)["message"] == (
        "The order in patch list:\n[map[image:nginx:2 name:c]]\n doesn't match $setElementOrder list:\n[map[name:d]]\n"
    )


@pytest.mark.parametrize("said", [0, "Pod"])
def test_a_patch_that_names_another_kind_hides_no_wrong_type(ask: Ask, said: Any) -> None:
    body = {"spec": {"template": {"metadata": {"labels": {"app": True}}}}, "kind": said}
    answer = ask("PATCH", WEB, body, content_type=STRATEGIC)
    assert answer.code == 422, answer.body


def test_a_patch_whose_kind_is_no_text_is_refused_by_its_decoder(ask: Ask) -> None:
    answer = ask("PATCH", WEB, {"kind": 0}, content_type=MERGE)
    assert answer.code == 422
    text = "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind"
    assert text in json.loads(answer.body)["message"]


def test_an_applied_object_whose_kind_is_no_text_has_no_type(ask: Ask) -> None:
    labels = {"app": True}
    body = {"apiVersion": "apps/v1", "kind": 0, "metadata": {"name": "web", "labels": labels}}
    answer = ask("PATCH", f"{WEB}?fieldManager=me", body, content_type="application/apply-patch+yaml")
    assert answer.code == 500  # as a real server answers: https://github.com/kubernetes/kubernetes/issues/122480
    assert "no corresponding type for apps/v1, Kind=" in json.loads(answer.body)["message"]


def test_a_patch_makes_no_object_of_another_kind(ask: Ask) -> None:
    answer = ask("PATCH", WEB, {"kind": "Pod"}, content_type=MERGE)
    assert answer.code == 422
    assert json.loads(answer.body)["message"].endswith(
        'no kind "Pod" is registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"'
    )


def test_a_field_with_a_dollar_is_no_directive_but_unknown(ask: Ask) -> None:
    answer = ask("PATCH", WEB, {"spec": {"$size": 1}}, content_type=STRATEGIC)
    assert [text for name, text in answer.headers if name == "Warning"] == ['299 - "unknown field \\"spec.$size\\""']
