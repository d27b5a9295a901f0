"""Equal parts of objects are held once; objects stay equal, and a full shelf only stops sharing."""

from __future__ import annotations

from cluster.persistence.sharing import Shelf


def role(name: str) -> dict[str, object]:
    rule = {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get", "list", "watch"]}
    labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    return {"kind": "ClusterRole", "metadata": {"name": name, "labels": labels}, "rules": [rule]}


def test_equal_parts_are_one_and_objects_stay_what_they_were() -> None:
    shelf = Shelf()
    one, other = shelf.shared(role("a")), shelf.shared(role("b"))
    assert (one, other) == (role("a"), role("b"))
    assert one["rules"] is other["rules"]
    assert one["metadata"]["labels"] is other["metadata"]["labels"]
    assert one["metadata"] is not other["metadata"]


def test_a_full_shelf_forgets_the_oldest_part_and_nothing_else_changes() -> None:
    shelf = Shelf(kept=1)
    first = shelf.shared(role("a"))
    shelf.part({"something": "quite different and long enough"})
    again = shelf.shared(role("a"))
    assert again == first
    assert again["rules"] is not first["rules"]


def test_what_differs_shares_what_is_the_same_within_it() -> None:
    shelf = Shelf()
    rule = {"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get", "list", "watch"]}
    managers = [{"manager": "kubeadm", "operation": "Update", "time": "2026-01-01T00:00:00Z"}]
    made = [
        shelf.shared(
            {"metadata": {"name": name, "managedFields": [*managers]}, "spec": {"node": name, "rules": [{**rule}]}}
        )
        for name in ("a", "b")
    ]
    assert made[0]["spec"] != made[1]["spec"]
    assert made[0]["spec"]["rules"] is made[1]["spec"]["rules"]
    assert made[0]["metadata"]["managedFields"] is made[1]["metadata"]["managedFields"]
