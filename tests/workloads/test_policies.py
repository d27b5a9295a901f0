"""The rules of a policy server: how its file is read and what its rules come to."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from cluster.workloads.behaviours import policies

POD = {"metadata": {"name": "web", "labels": {"app": "web"}}, "spec": {"containers": [{"image": "nginx:latest"}]}}
REQUEST = {"uid": "1", "operation": "CREATE", "resource": {"resource": "pods"}, "object": POD, "oldObject": None}


def rules(text: str, word: str = "validate") -> Any:
    return policies.read(text)[word]


def test_the_first_rule_that_denies_decides_and_warnings_add_up() -> None:
    text = """
validate:
- {when: 'object.spec.containers.exists(c, c.image.endsWith(":latest"))', warn: latest moves}
- {name: team, when: '!("team" in object.metadata.labels)', deny: no team, code: 403, reason: Forbidden}
- {deny: never reached}
"""
    verdict = policies.validate(rules(text), REQUEST)
    assert verdict.rules == ("team",)
    assert verdict.body == {
        "allowed": False,
        "status": {"metadata": {}, "message": "no team", "reason": "Forbidden", "code": 403},
        "warnings": ["latest moves"],
    }


def test_a_message_may_be_an_expression() -> None:
    verdict = policies.validate(rules("validate: [{denyExpression: '\"no \" + object.metadata.name'}]"), REQUEST)
    assert verdict.text == "no web"


def test_rules_that_do_not_speak_allow() -> None:
    assert policies.validate(rules("validate: [{when: 'oldObject != null', deny: x}]"), REQUEST).allowed


def test_changes_add_up() -> None:
    text = """
mutate:
- {labels: {a: 1, b/c: two}, annotations: {seen: "yes"}}
- {when: 'object.metadata.name == "web"', patch: [{op: add, path: /spec/priority, value: 5}]}
- {patchExpression: '[{"op": "remove", "path": "/spec/x"}]'}
"""
    patch = json.loads(base64.b64decode(policies.mutate(rules(text, "mutate"), REQUEST).body["patch"]))
    assert patch == [
        {"op": "add", "path": "/metadata/labels/a", "value": "1"},
        {"op": "add", "path": "/metadata/labels/b~1c", "value": "two"},
        {"op": "add", "path": "/metadata/annotations", "value": {"seen": "yes"}},
        {"op": "add", "path": "/spec/priority", "value": 5},
        {"op": "remove", "path": "/spec/x"},
    ]


@pytest.mark.parametrize(
    ("user", "verb", "allowed"), [("eve", "delete", False), ("ada", "get", True), ("eve", "get", None)]
)
def test_authorisation_allows_denies_or_has_no_opinion(user: str, verb: str, allowed: bool | None) -> None:
    text = """
authorize:
- {when: 'user == "eve" && verb == "delete"', deny: never}
- {when: '"readers" in groups && verb in ["get", "list"]', allow: readers read}
"""
    spec = {"user": user, "groups": ["readers"] if user == "ada" else [], "resourceAttributes": {"verb": verb}}
    assert policies.authorize(rules(text, "authorize"), spec).allowed is allowed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("validate: [{when: 'object.'}]", "validate[0].when: "),
        ("validate: [{deni: x}]", 'validate[0]: unknown field "deni"'),
        ("validation: []", 'unknown field "validation"'),
        ("- a", "a policy is a map"),
        ("a: [", "flow"),
    ],
)
def test_a_file_that_is_no_policy_is_told_where(text: str, why: str) -> None:
    with pytest.raises(policies.BadPolicy) as caught:
        policies.read(text)
    assert why in str(caught.value)


def test_a_rule_that_cannot_be_evaluated_fails() -> None:
    with pytest.raises(policies.RuleFailed, match=r"rule validate\[0\]: when: "):
        policies.validate(rules("validate: [{when: 'object.spec.nothing == 1', deny: x}]"), REQUEST)
