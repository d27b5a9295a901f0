from __future__ import annotations

from cluster.topology.outline import outline
from cluster.topology.project import project
from tests.topology.builders import Cluster, node, owned_by, pod, service, workload


def names(branches) -> list:
    return [(branch["node"]["name"], names(branch["children"])) for branch in branches]


def test_the_outline_puts_pods_below_their_machine_and_services_beside():
    cluster = Cluster()
    cluster.put("nodes", node("worker-1"))
    cluster.put("pods", pod("web", node="worker-1", labels={"app": "web"}))
    cluster.put("services", service("web", app="web"))
    tree = outline(project(cluster.store, "machine"))
    assert names(tree) == [("worker-1", [("web", [])]), ("web", [])]
    assert [(kind, node["id"]) for kind, node in tree[1]["links"]] == [("selects", "pods/default/web")]


def test_the_outline_nests_the_owned_below_their_owner():
    cluster = Cluster()
    cluster.put("replicasets.apps", workload("ReplicaSet", "web", 1))
    cluster.put("pods", pod("web-1", ownerReferences=owned_by("ReplicaSet", "web")))
    assert names(outline(project(cluster.store, "ownership"))) == [("web", [("web-1", [])])]
