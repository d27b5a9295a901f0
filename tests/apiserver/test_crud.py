from __future__ import annotations

import pytest

from cluster.apiserver.local import admin, local_server
from cluster.machinery.errors import StatusError


def test_a_created_object_can_be_read_listed_changed_and_deleted() -> None:
    client = admin(local_server())
    made = client.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}}, "default")
    assert made["metadata"]["uid"] and made["kind"] == "ConfigMap"
    assert client.get("configmaps", "a", "default") == made
    changed = client.patch("configmaps", "a", {"data": {"k": "w"}}, "default")
    assert changed["data"] == {"k": "w"}
    assert int(changed["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
    assert [item["metadata"]["name"] for item in client.list("configmaps", "default")["items"]] == ["a"]
    client.delete("configmaps", "a", "default")
    with pytest.raises(StatusError, match='configmaps "a" not found'):
        client.get("configmaps", "a", "default")


def test_a_stale_update_is_refused() -> None:
    client = admin(local_server())
    made = client.create("configmaps", {"metadata": {"name": "a"}}, "default")
    client.update("configmaps", {**made, "data": {"k": "1"}})
    with pytest.raises(StatusError, match="the object has been modified"):
        client.update("configmaps", {**made, "data": {"k": "2"}})


def test_a_spec_that_nobody_wrote_is_there_and_empty() -> None:
    client = admin(local_server())
    assert client.create("poddisruptionbudgets.policy", {"metadata": {"name": "bare"}}, "default")["spec"] == {}
