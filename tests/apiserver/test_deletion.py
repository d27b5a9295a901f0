"""Grace, finalizers, propagation and preconditions."""

from __future__ import annotations

import pytest

from cluster.apiserver.client import Client
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import pod


def test_an_unscheduled_pod_goes_at_once(client: Client) -> None:
    client.create("pods", pod("web"), "default")
    client.delete("pods", "web", "default")
    assert client.list("pods", "default")["items"] == []


def test_a_running_pod_waits_for_its_kubelet(client: Client) -> None:
    client.create("pods", pod("web", nodeName="worker-1"), "default")
    client.delete("pods", "web", "default")
    waiting = client.get("pods", "web", "default")["metadata"]
    assert (waiting["deletionGracePeriodSeconds"], waiting["deletionTimestamp"]) == (30, "2026-01-01T00:00:30Z")
    client.delete("pods", "web", "default", {"gracePeriodSeconds": 0})
    with pytest.raises(StatusError, match="not found"):
        client.get("pods", "web", "default")


def test_a_second_delete_may_only_shorten_the_grace(client: Client) -> None:
    client.create("pods", pod("web", nodeName="worker-1"), "default")
    client.delete("pods", "web", "default", {"gracePeriodSeconds": 10})
    again = client.delete("pods", "web", "default", {"gracePeriodSeconds": 20})
    assert again["metadata"]["deletionGracePeriodSeconds"] == 10


def test_a_finalizer_holds_an_object_until_it_is_removed(client: Client) -> None:
    client.create("configmaps", {"metadata": {"name": "a", "finalizers": ["example.com/hold"]}}, "default")
    held = client.delete("configmaps", "a", "default")
    assert held["metadata"]["deletionTimestamp"]
    client.patch("configmaps", "a", {"metadata": {"finalizers": None}}, "default")
    with pytest.raises(StatusError, match="not found"):
        client.get("configmaps", "a", "default")


@pytest.mark.parametrize(("policy", "finalizer"), [("Orphan", "orphan"), ("Foreground", "foregroundDeletion")])
def test_propagation_leaves_a_finalizer_for_the_garbage_collector(client: Client, policy: str, finalizer: str) -> None:
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    held = client.delete("configmaps", "a", "default", {"propagationPolicy": policy})
    assert held["metadata"]["finalizers"] == [finalizer]


def test_a_wrong_uid_is_a_conflict(client: Client) -> None:
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    with pytest.raises(StatusError) as caught:
        client.delete("configmaps", "a", "default", {"preconditions": {"uid": "other"}})
    assert caught.value.code == 409


def test_a_namespace_first_turns_terminating_and_takes_nothing_new(client: Client) -> None:
    client.create("namespaces", {"metadata": {"name": "old"}})
    closing = client.delete("namespaces", "old")
    assert closing["status"]["phase"] == "Terminating"
    with pytest.raises(StatusError, match="because it is being terminated"):
        client.create("configmaps", {"metadata": {"name": "a"}}, "old")
    closing["spec"] = {"finalizers": []}
    client.update("namespaces", closing, subresource="finalize")
    with pytest.raises(StatusError, match="not found"):
        client.get("namespaces", "old")


def test_a_collection_is_deleted_by_selector(client: Client) -> None:
    for name in ("a", "b"):
        client.create("configmaps", {"metadata": {"name": name, "labels": {"app": name}}}, "default")
    client.delete_collection("configmaps", "default", label_selector="app=a")
    assert [one["metadata"]["name"] for one in client.list("configmaps", "default")["items"]] == ["b"]


def test_a_dry_run_deletes_nothing(client: Client) -> None:
    client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    client.delete("configmaps", "a", "default", {"dryRun": ["All"]})
    assert client.get("configmaps", "a", "default")
