"""The editor's Apply: every document or none, and each refusal at its line."""

from __future__ import annotations

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.local import admin, local_server
from cluster.web.partials.manifest import apply_text

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: default
data:
  greeting: hello
"""


@pytest.fixture
def client() -> Client:
    return admin(local_server())


def apply(client: Client, text: str, dry_run: bool = False) -> dict:
    return apply_text(client, text, dry_run=dry_run)


def test_a_document_is_created_then_unchanged_then_configured(client):
    results = [
        apply(client, text)["documents"][0]["result"] for text in (CONFIG, CONFIG, CONFIG.replace("hello", "hi"))
    ]
    assert results == ["created", "unchanged", "configured"]
    assert client.get("configmaps", "settings", "default")["data"] == {"greeting": "hi"}


def test_a_field_left_out_is_removed_as_kubectl_apply_does(client):
    apply(client, CONFIG + "  farewell: bye\n")
    apply(client, CONFIG)
    assert client.get("configmaps", "settings", "default")["data"] == {"greeting": "hello"}


def test_a_dry_run_writes_nothing(client):
    before = client.server.store.revision
    answer = apply(client, CONFIG, dry_run=True)
    assert answer["documents"][0]["result"] == "created" and not answer["failed"]
    assert client.server.store.revision == before


def test_one_refusal_undoes_all(client):
    before = client.server.store.revision
    answer = apply(client, f"{CONFIG}---\n{CONFIG.replace('settings', 'Not A Name')}")
    assert answer["failed"] and answer["documents"][1]["error"]
    assert client.server.store.revision == before


def test_a_namespace_of_the_same_text_is_there_in_the_dry_run(client):
    space = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n---\n"
    answer = apply(client, space + CONFIG.replace("default", "shop"), dry_run=True)
    assert [each["result"] for each in answer["documents"]] == ["created", "created"]


def test_an_unknown_field_is_named_at_its_line(client):
    pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    imag: nginx\n"
    causes = apply(client, pod)["documents"][0]["causes"]
    assert ("spec.containers[0].imag", 8) in [(cause["field"], cause["line"]) for cause in causes]


def test_broken_yaml_has_line_and_column(client):
    answer = apply(client, "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: app: web\n")
    assert answer["failed"] and (answer["syntax"]["line"], answer["syntax"]["column"]) == (4, 14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: v1\nkind: Pott\nmetadata: {name: a}\n", 'no matches for kind "Pott" in version "v1"'),
        ("kind: Pod\nmetadata: {name: a}\n", "Object 'apiVersion' is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {}\n", "resource name may not be empty"),
        ("- 1\n- 2\n", "a manifest is a mapping with apiVersion, kind and metadata"),
    ],
)
def test_what_is_no_object_is_refused_in_words(client, text, message):
    assert apply(client, text)["documents"][0]["error"] == message


def test_an_alias_bomb_is_refused(client):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert apply(client, "\n".join(rows))["failed"]


def test_empty_documents_are_nothing(client):
    assert apply(client, "---\n---\n# nothing\n") == {"documents": [], "syntax": None, "failed": False}
