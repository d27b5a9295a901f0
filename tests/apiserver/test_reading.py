"""Lists: selectors, pages, the past; and writes that change nothing."""

from __future__ import annotations

import pytest

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import Ask, pod


def names(listed: dict) -> list[str]:
    return [item["metadata"]["name"] for item in listed["items"]]


def fill(client: Client, *wanted: str) -> None:
    for name in wanted:
        client.create("configmaps", {"metadata": {"name": name}}, "default")


def test_pages_together_are_the_whole_of_one_moment(client: Client) -> None:
    fill(client, "a", "b", "c")
    first = client.list("configmaps", "default", limit=2)
    assert names(first) == ["a", "b"] and first["metadata"]["remainingItemCount"] == 1
    fill(client, "aa", "d")
    second = client.list("configmaps", "default", limit=2, continue_token=first["metadata"]["continue"])
    assert names(second) == ["c"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_a_page_of_a_compacted_moment_is_gone(client: Client) -> None:
    fill(client, "a", "b")
    token = client.list("configmaps", "default", limit=1)["metadata"]["continue"]
    fill(client, "c")
    store = client.server.store
    store.drain()  # type: ignore[attr-defined]
    store.compact(store.revision)
    with pytest.raises(StatusError) as caught:
        client.list("configmaps", "default", limit=1, continue_token=token)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")


def test_an_exact_revision_shows_the_past(client: Client) -> None:
    fill(client, "a")
    then = client.list("configmaps", "default")["metadata"]["resourceVersion"]
    fill(client, "b")
    past = client.list("configmaps", "default", resource_version=then, resource_version_match="Exact")
    assert names(past) == ["a"]


def test_pods_are_selected_by_label_and_by_field(client: Client) -> None:
    client.create("pods", pod("web", nodeName="worker-1"), "default")
    client.create("pods", pod("api"), "default")
    assert names(client.list("pods", "default", label_selector="app in (web)")) == ["web"]
    assert names(client.list("pods", field_selector="spec.nodeName=worker-1")) == ["web"]
    assert names(client.list("pods", "default", field_selector="metadata.name!=web")) == ["api"]
    with pytest.raises(StatusError, match="field label not supported: spec.color"):
        client.list("pods", "default", field_selector="spec.color=red")


def test_a_write_that_changes_nothing_makes_no_revision(client: Client) -> None:
    fill(client, "a")
    made = client.get("configmaps", "a", "default")
    before = client.server.store.revision
    assert client.update("configmaps", made) == made
    assert client.patch("configmaps", "a", {}, "default") == made
    assert client.server.store.revision == before


def test_a_generated_name_has_a_suffix_that_depends_on_the_seed_alone(client: Client) -> None:
    made = client.create("configmaps", {"metadata": {"generateName": "a-"}}, "default")
    assert made["metadata"]["name"].startswith("a-") and len(made["metadata"]["name"]) == 7


def test_the_generation_counts_changes_of_the_spec_alone(client: Client) -> None:
    labels = {"app": "x"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    client.create("deployments.apps", {"metadata": {"name": "web"}, "spec": spec}, "default")
    client.patch("deployments.apps", "web", {"metadata": {"labels": {"a": "b"}}}, "default")
    assert client.get("deployments.apps", "web", "default")["metadata"]["generation"] == 1
    client.patch("deployments.apps", "web", {"spec": {"replicas": 3}}, "default")
    changed = client.get("deployments.apps", "web", "default")
    assert changed["metadata"]["generation"] == 2
    status = {**changed, "status": {"replicas": 3}, "spec": {**spec, "replicas": 9}}
    kept = client.update_status("deployments.apps", status)
    assert (kept["spec"]["replicas"], kept["status"], kept["metadata"]["generation"]) == (3, {"replicas": 3}, 2)


def test_whoever_asks_for_endpoints_is_told_of_their_end(ask: Ask) -> None:
    answer = ask("GET", "/api/v1/namespaces/default/endpoints")
    told = [text for name, text in answer.headers if name == "Warning"]
    assert told == ['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"']
