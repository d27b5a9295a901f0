"""The memory store: order, indexes, history, compaction, transactions, and what the worker drains."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.store.interface import Compacted
from cluster.store.memory import MemoryStore
from cluster.store.state import MemoryState, StateChanges

BY = {"actor": "ada", "cause": "test", "time": 0.0}


def config_map(name: str, namespace: str = "default", **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"}, **fields}


def names(objects: Any) -> list[str]:
    return [obj["metadata"]["name"] for obj in objects]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_every_write_is_a_revision_stamped_on_the_object(store: MemoryStore) -> None:
    first = store.put("configmaps", config_map("a"), **BY)
    second = store.put("configmaps", config_map("a", data={"k": "v"}), **BY)
    assert (first.number, first.verb, second.number, second.verb) == (1, "ADDED", 2, "MODIFIED")
    assert second.object["metadata"]["resourceVersion"] == "2"
    assert second.previous is first.object
    assert store.revision == 2


def test_lists_are_in_key_order_whatever_the_order_of_writes(store: MemoryStore) -> None:
    for name in ("c", "a", "b"):
        store.put("configmaps", config_map(name), **BY)
    store.put("configmaps", config_map("z", "alpha"), **BY)
    assert names(store.list("configmaps")) == ["z", "a", "b", "c"]
    assert names(store.list("configmaps", "default")) == ["a", "b", "c"]
    assert store.count("configmaps", "default") == 3


def test_a_removed_object_is_gone_and_its_removal_told(store: MemoryStore) -> None:
    made = store.put("configmaps", config_map("a"), **BY).object
    gone = store.remove("configmaps", made, **BY)
    assert gone.verb == "DELETED" and gone.object["metadata"]["resourceVersion"] == "2"
    assert store.get("configmaps", "default", "a") is None
    assert [revision.verb for revision in store.since(0)] == ["ADDED", "DELETED"]


def test_owned_objects_are_found_by_their_owners_uid(store: MemoryStore) -> None:
    child = config_map("child")
    child["metadata"]["ownerReferences"] = [{"uid": "boss"}]
    made = store.put("configmaps", child, **BY).object
    assert [(resource, obj["metadata"]["name"]) for resource, obj in store.owned_by("boss")] == [
        ("configmaps", "child")
    ]
    store.put("configmaps", config_map("child"), **BY)
    assert list(store.owned_by("boss")) == []
    assert made["metadata"]["ownerReferences"]


def test_pods_are_found_by_their_node(store: MemoryStore) -> None:
    store.put("pods", config_map("web", spec={}), **BY)
    assert list(store.pods_on("worker-1")) == []
    store.put("pods", config_map("web", spec={"nodeName": "worker-1"}), **BY)
    assert names(store.pods_on("worker-1")) == ["web"]


def test_the_past_can_be_read_until_it_is_compacted(store: MemoryStore) -> None:
    store.put("configmaps", config_map("a", data={"k": "1"}), **BY)
    store.put("configmaps", config_map("a", data={"k": "2"}), **BY)
    old = store.get_at(1, "configmaps", "default", "a")
    assert old is not None and old["data"] == {"k": "1"}
    assert names(store.list_at(0, "configmaps")) == []
    store.drain()
    store.compact(2)
    assert store.oldest == 2
    with pytest.raises(Compacted):
        store.list_at(1, "configmaps")
    with pytest.raises(Compacted):
        list(store.since(1))
    assert list(store.since(2)) == []


def test_a_failed_transaction_leaves_nothing(store: MemoryStore) -> None:
    store.put("configmaps", config_map("a", data={"k": "1"}), **BY)
    with pytest.raises(RuntimeError), store.transaction():
        store.put("configmaps", config_map("a", data={"k": "2"}), **BY)
        store.put("configmaps", config_map("b"), **BY)
        raise RuntimeError
    assert store.revision == 1 and store.last_change("configmaps") == 1
    kept = store.get("configmaps", "default", "a")
    assert kept is not None and kept["data"] == {"k": "1"}
    assert names(store.list("configmaps")) == ["a"]


def test_own_writes_are_drained_once_and_foreign_ones_absorbed(store: MemoryStore) -> None:
    other = MemoryStore()
    store.put("configmaps", config_map("a"), **BY)
    with pytest.raises(ValueError, match="not drained"):
        store.absorb([])
    fresh = store.drain()
    assert [revision.number for revision in fresh] == [1] and store.drain() == []
    other.absorb(fresh)
    other.put("configmaps", config_map("b"), **BY)
    store.absorb(other.since(1))
    assert names(store.list("configmaps")) == ["a", "b"] and store.drain() == []


def test_a_loaded_store_goes_on_from_its_revision(store: MemoryStore) -> None:
    store.load({"configmaps": [config_map("a")]}, 41)
    assert (store.revision, store.oldest) == (41, 41)
    assert store.put("configmaps", config_map("b"), **BY).number == 42


def test_the_state_book_knows_what_to_save_and_what_to_drop() -> None:
    state = MemoryState({"logs/old": 1})
    state.put("logs/new", 2)
    state.drop("logs/old")
    assert list(state.keys("logs/")) == ["logs/new"]
    changes = state.drain()
    assert (dict(changes.saved), list(changes.dropped)) == ({"logs/new": 2}, ["logs/old"])
    state.absorb(StateChanges({"logs/far": 3}, []))
    assert state.get("logs/far") == 3 and not state.drain().saved
