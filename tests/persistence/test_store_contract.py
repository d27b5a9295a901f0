"""One contract for both stores: whatever holds for etcd in memory holds for etcd in the database."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.machinery.meta import Object
from cluster.models import Lab, Visitor
from cluster.persistence.django_store import DjangoStore
from cluster.store.interface import Compacted, Store
from cluster.store.memory import MemoryStore

NOW = {"actor": "ada", "cause": "test", "time": 1000.0}


def pod(name: str, namespace: str = "default", **metadata: Any) -> Object:
    about = {"name": name, "namespace": namespace, "uid": f"uid-{name}", **metadata}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": about, "spec": {"nodeName": "worker-1"}}


def put(store: Store, obj: Object, resource: str = "pods") -> Object:
    return store.put(resource, obj, **NOW).object


def compact(store: Store, number: int) -> None:
    """Compact; a replica forgets only what has been saved, so let it count as saved."""
    if isinstance(store, MemoryStore):
        store.drain()
    store.compact(number)


@pytest.fixture(params=["memory", "django"])
def store(request: pytest.FixtureRequest, transactional_db: None) -> Store:
    if request.param == "memory":
        return MemoryStore()
    owner = Visitor.objects.create()
    lab = Lab.objects.create(name="one", owner=owner)
    Lab.objects.create(name="another", owner=owner)
    return DjangoStore(lab.id)


def test_an_empty_store_is_at_revision_zero(store: Store) -> None:
    assert (store.revision, store.oldest) == (0, 0)
    assert list(store.since(0)) == []
    assert store.get("pods", "default", "web") is None


def test_every_write_is_one_revision_and_stamps_it(store: Store) -> None:
    first = put(store, pod("web"))
    second = put(store, pod("web", labels={"a": "b"}))
    assert (first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]) == ("1", "2")
    assert store.revision == 2
    assert store.get("pods", "default", "web") == second


def test_the_log_tells_verb_previous_actor_and_cause(store: Store) -> None:
    put(store, pod("web"))
    put(store, pod("web", labels={"a": "b"}))
    store.remove("pods", pod("web"), actor="eve", cause="mischief", time=1001.0)
    added, modified, deleted = store.since(0)
    assert [one.verb for one in (added, modified, deleted)] == ["ADDED", "MODIFIED", "DELETED"]
    assert added.previous is None and modified.previous == added.object and deleted.previous == modified.object
    assert (deleted.actor, deleted.cause, deleted.time) == ("eve", "mischief", 1001.0)
    assert deleted.object["metadata"]["resourceVersion"] == "3"


def test_lists_come_in_key_order_and_by_namespace(store: Store) -> None:
    for name, namespace in (("b", "two"), ("a", "two"), ("c", "one"), ("Z", "one-more")):
        put(store, pod(name, namespace))
    assert [one["metadata"]["name"] for one in store.list("pods")] == ["c", "Z", "a", "b"]
    assert [one["metadata"]["name"] for one in store.list("pods", "two")] == ["a", "b"]
    assert (store.count("pods"), store.count("pods", "two"), store.count("services")) == (4, 2, 0)


def test_resources_do_not_mix(store: Store) -> None:
    put(store, pod("web"))
    put(store, pod("web"), "services")
    put(store, pod("web"), "crontabs.stable.example.com")
    put(store, pod("web"), "boxes.stable.example.com")
    assert [store.count(key) for key in ("pods", "services", "crontabs.stable.example.com")] == [1, 1, 1]
    assert [one.number for one in store.since(0, "services")] == [2]


def test_owned_by_finds_whatever_names_the_owner(store: Store) -> None:
    owners = [{"uid": "u1", "name": "x", "kind": "ReplicaSet"}, {"uid": "u2", "name": "y", "kind": "Job"}]
    put(store, pod("both", ownerReferences=owners))
    put(store, pod("one", ownerReferences=owners[:1]))
    put(store, pod("web", ownerReferences=owners[1:]), "crontabs.stable.example.com")
    assert sorted((key, obj["metadata"]["name"]) for key, obj in store.owned_by("u2")) == [
        ("crontabs.stable.example.com", "web"),
        ("pods", "both"),
    ]
    assert store.owned_by("nobody") == []


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    put(store, pod("kept"))
    with pytest.raises(RuntimeError), store.transaction():
        put(store, pod("kept", labels={"a": "b"}))
        put(store, pod("new"))
        store.remove("pods", pod("kept"), **NOW)
        raise RuntimeError
    assert store.revision == 1
    assert store.get("pods", "default", "new") is None
    assert "labels" not in store.get("pods", "default", "kept")["metadata"]
    assert put(store, pod("next"))["metadata"]["resourceVersion"] == "2"


def test_a_transaction_may_be_entered_again_and_sees_its_own_writes(store: Store) -> None:
    with store.transaction():
        put(store, pod("a"))
        with store.transaction():
            put(store, pod("b"))
        assert store.revision == 2
        assert store.count("pods") == 2
        assert [one.number for one in store.since(0)] == [1, 2]
    assert store.revision == 2


def test_since_stops_at_its_limit_and_can_go_on(store: Store) -> None:
    for number in range(7):
        put(store, pod(f"p{number}"))
    assert [one.number for one in store.since(2, limit=3)] == [3, 4, 5]
    assert [one.number for one in store.since(5)] == [6, 7]


def test_the_past_can_be_read(store: Store) -> None:
    put(store, pod("a"))
    put(store, pod("b"))
    put(store, pod("a", labels={"new": "yes"}))
    store.remove("pods", pod("b"), **NOW)
    assert [one["metadata"]["name"] for one in store.list_at(2, "pods")] == ["a", "b"]
    assert [one["metadata"]["name"] for one in store.list_at(4, "pods", "default")] == ["a"]
    assert "labels" not in store.get_at(2, "pods", "default", "a")["metadata"]
    assert store.get_at(4, "pods", "default", "b") is None
    assert store.get_at(0, "pods", "default", "a") is None


def test_compaction_forgets_the_past_and_keeps_the_present(store: Store) -> None:
    for label in "abc":
        put(store, pod("web", labels={"at": label}))
    put(store, pod("old"))
    store.remove("pods", pod("old"), **NOW)
    compact(store, 4)
    assert store.oldest == 4
    with pytest.raises(Compacted) as refusal:
        list(store.since(3))
    assert refusal.value.oldest == 4
    with pytest.raises(Compacted):
        store.list_at(3, "pods")
    assert [one["metadata"]["name"] for one in store.list_at(4, "pods")] == ["old", "web"]
    assert [one.verb for one in store.since(4)] == ["DELETED"]
    assert store.get("pods", "default", "web")["metadata"]["labels"] == {"at": "c"}


def test_compaction_never_reaches_beyond_the_newest_revision(store: Store) -> None:
    put(store, pod("web"))
    compact(store, 99)
    assert (store.oldest, store.revision) == (1, 1)
    assert put(store, pod("next"))["metadata"]["resourceVersion"] == "2"


def test_pods_are_found_by_their_node(store: Store) -> None:
    put(store, pod("b"))
    put(store, pod("a"))
    put(store, {**pod("elsewhere"), "spec": {"nodeName": "worker-2"}})
    put(store, {**pod("nowhere"), "spec": {}})
    assert [one["metadata"]["name"] for one in store.pods_on("worker-1")] == ["a", "b"]


def test_last_change_is_the_newest_revision_of_a_resource(store: Store) -> None:
    put(store, pod("web"))
    put(store, pod("web"), "services")
    store.remove("services", pod("web"), **NOW)
    put(store, pod("web"), "nodes")
    assert [store.last_change(key) for key in ("pods", "services", "secrets")] == [1, 3, 0]


def test_inside_a_transaction_the_last_change_is_what_was_written_by_anybody(transactional_db: None) -> None:
    lab = Lab.objects.create(name="two", owner=Visitor.objects.create())
    mine, theirs = DjangoStore(lab.id), DjangoStore(lab.id)
    put(mine, pod("web"))
    with mine.transaction():
        assert (mine.last_change("pods"), mine.last_change("services")) == (1, 0)
        put(mine, pod("api"))
        assert mine.last_change("pods") == 2
    put(theirs, pod("db"))
    put(theirs, pod("web"), "services")
    with mine.transaction():
        assert (mine.last_change("pods"), mine.last_change("services")) == (3, 4)


def test_a_transaction_that_fails_leaves_no_trace_of_its_changes(transactional_db: None) -> None:
    lab = Lab.objects.create(name="two", owner=Visitor.objects.create())
    mine, theirs = DjangoStore(lab.id), DjangoStore(lab.id)
    with pytest.raises(ValueError, match="no"), mine.transaction():
        mine.last_change("pods")
        put(mine, pod("web"))
        raise ValueError("no")
    put(theirs, pod("web"), "services")
    with mine.transaction():
        assert (mine.last_change("pods"), mine.last_change("services")) == (0, 1)
