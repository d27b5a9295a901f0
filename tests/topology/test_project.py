from __future__ import annotations

import random

import pytest

from cluster.topology.diff import apply, diff
from cluster.topology.project import Projection, project
from cluster.topology.views import VIEWS
from tests.topology.builders import Cluster, node, owned_by, pod, service, slice_of, workload

POD = "pods/default/web"


def lines(graph) -> set[tuple[str, str, str]]:
    return {(line["kind"], line["from"], line["to"]) for line in graph.edges.values()}


def test_a_pod_stands_in_its_machine_and_an_unplaced_one_waits():
    cluster = Cluster()
    cluster.put("nodes", node("worker-1"))
    cluster.put("pods", pod("web", node="worker-1"))
    cluster.put("pods", pod("late"))
    graph = project(cluster.store, "machine")
    assert graph.nodes[POD]["group"] == "nodes/-/worker-1"
    assert graph.nodes["pods/default/late"]["group"] == "waiting"
    assert graph.groups["waiting"]["pods"] == 1


def test_a_machine_sums_what_its_pods_ask_for():
    cluster = Cluster()
    cluster.put("nodes", node("worker-1"))
    asked = {"resources": {"requests": {"cpu": "250m", "memory": "1Gi"}}}
    for name in ("a", "b"):
        cluster.put("pods", pod(name, node="worker-1", container=asked))
    group = project(cluster.store, "machine").groups["nodes/-/worker-1"]
    assert (group["cpu"], group["memory"], group["pods"]) == ([500, 4000], [2 << 30, 8 << 30], 2)


def test_a_service_leads_to_the_pods_it_selects_and_counts_its_endpoints():
    cluster = Cluster()
    cluster.put("services", service("web", app="web"))
    cluster.put("pods", pod("web", labels={"app": "web"}))
    cluster.put("pods", pod("other", labels={"app": "other"}))
    cluster.put("endpointslices.discovery.k8s.io", slice_of("web", 1))
    graph = project(cluster.store, "traffic")
    assert lines(graph) == {("selects", "services/default/web", POD)}
    assert graph.nodes["services/default/web"]["endpoints"] == 1


@pytest.mark.parametrize(
    "container",
    [
        {"env": [{"name": "REDIS", "value": "redis-leader:6379"}]},
        {"args": ["--redis=redis-leader.default.svc.cluster.local:6379"]},
        {"command": ["sh", "-c", "curl http://redis-leader/"]},
    ],
)
def test_a_pod_calls_the_services_its_settings_name(container):
    cluster = Cluster()
    cluster.put("services", service("redis-leader", app="redis"))
    cluster.put("services", service("redis", app="redis"))
    cluster.put("pods", pod("web", container=container))
    assert lines(project(cluster.store, "traffic")) == {("calls", POD, "services/default/redis-leader")}


@pytest.mark.parametrize("image", ["gcr.io/google-samples/gb-frontend:v5", "gcr.io/google_samples/gb-frontend:v3"])
def test_the_guestbooks_front_end_calls_redis(image):
    cluster = Cluster()
    cluster.put("services", service("redis-master", app="redis"))
    cluster.put("services", service("redis-replica", app="redis"))
    cluster.put("pods", pod("web", image=image))
    called = {to for kind, _, to in lines(project(cluster.store, "machine")) if kind == "calls"}
    assert called == {"services/default/redis-master", "services/default/redis-replica"}


def test_ownership_goes_from_owner_to_owned():
    cluster = Cluster()
    cluster.put("deployments.apps", workload("Deployment", "web", 1))
    cluster.put("replicasets.apps", workload("ReplicaSet", "web-5d8", 1, ownerReferences=owned_by("Deployment", "web")))
    cluster.put("pods", pod("web", ownerReferences=owned_by("ReplicaSet", "web-5d8")))
    assert lines(project(cluster.store, "ownership")) == {
        ("owns", "deployments.apps/default/web", "replicasets.apps/default/web-5d8"),
        ("owns", "replicasets.apps/default/web-5d8", POD),
    }


def test_only_pods_that_use_a_setting_stand_in_the_config_view():
    cluster = Cluster()
    volumes = [{"name": "v", "configMap": {"name": "settings"}}]
    cluster.put("pods", pod("web", spec={"volumes": volumes}))
    cluster.put("pods", pod("plain"))
    projection = Projection(cluster.store, "config")
    assert POD not in projection.graph.nodes
    projection.observe(
        cluster.put("configmaps", {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}})
    )
    patch = projection.take_patch()
    assert {item["id"] for item in patch["upsert"]["nodes"]} == {POD, "configmaps/default/settings"}
    assert "pods/default/plain" not in projection.graph.nodes


def test_a_patch_carries_only_what_changed():
    cluster = Cluster()
    cluster.put("nodes", node("worker-1"))
    cluster.put("pods", pod("still", node="worker-1"))
    cluster.put("pods", pod("web", node="worker-1"))
    projection = Projection(cluster.store, "machine")
    projection.observe(cluster.put("pods", pod("web", node="worker-1", ready=True)))
    patch = projection.take_patch()
    assert [item["id"] for item in patch["upsert"]["nodes"]] == [POD]
    assert patch["upsert"]["groups"] == [] and projection.take_patch() is None


def test_a_deleted_pod_takes_its_edges_along():
    cluster = Cluster()
    cluster.put("services", service("web", app="web"))
    web = cluster.put("pods", pod("web", labels={"app": "web"})).object
    projection = Projection(cluster.store, "traffic")
    projection.observe(cluster.remove("pods", web))
    patch = projection.take_patch()
    assert patch["remove"]["nodes"] == [POD] and len(patch["remove"]["edges"]) == 1


def test_unhealthy_events_are_strikes_on_the_pod():
    cluster = Cluster()
    cluster.put("pods", pod("web", node="worker-1"))
    projection = Projection(cluster.store, "machine")
    about = {"kind": "Pod", "namespace": "default", "name": "web"}
    event = {
        "metadata": {"name": "e", "namespace": "default"},
        "involvedObject": about,
        "reason": "Unhealthy",
        "count": 2,
    }
    projection.observe(cluster.put("events", event))
    assert projection.take_patch()["upsert"]["nodes"][0]["strikes"] == 2


@pytest.mark.parametrize("view", sorted(VIEWS))
def test_following_revisions_ends_where_a_fresh_projection_begins(view):
    cluster, chance = Cluster(), random.Random(7)
    cluster.put("nodes", node("worker-1"))
    projection = Projection(cluster.store, view)
    mirror = projection.graph
    mirror = apply(mirror, diff(mirror, mirror))
    for _ in range(300):
        revision = _any_write(cluster, chance)
        if revision is None:
            continue
        projection.observe(revision)
        patch = projection.take_patch() if chance.random() < 0.5 else None
        mirror = apply(mirror, patch) if patch else mirror
    last = projection.take_patch()
    mirror = apply(mirror, last) if last else mirror
    fresh = project(cluster.store, view)
    for part in ("nodes", "edges", "groups"):
        assert getattr(projection.graph, part) == getattr(fresh, part) == getattr(mirror, part)


def _any_write(cluster: Cluster, chance: random.Random):
    resource, build = chance.choice(
        [
            ("pods", _any_pod),
            ("services", lambda name, _: service(name, app=name)),
            ("configmaps", lambda name, _: {"metadata": {"name": name, "namespace": "default"}}),
            (
                "persistentvolumeclaims",
                lambda name, _: {"metadata": {"name": name, "namespace": "default"}, "spec": {}},
            ),
            ("replicasets.apps", lambda name, draw: workload("ReplicaSet", name, draw.randint(0, 3))),
            ("endpointslices.discovery.k8s.io", lambda name, draw: slice_of(name, draw.randint(0, 3))),
        ]
    )
    name = chance.choice("abcd")
    new = build(name, chance)
    old = cluster.store.get(resource, "default", new["metadata"]["name"])
    if chance.random() < 0.3:
        return cluster.remove(resource, old) if old else None
    return cluster.put(resource, new)


def _any_pod(name: str, chance: random.Random):
    other = chance.choice("abcd")
    volumes = [{"configMap": {"name": other}}] if chance.random() < 0.5 else []
    volumes += [{"persistentVolumeClaim": {"claimName": other}}] if chance.random() < 0.5 else []
    return pod(
        name,
        node=chance.choice(["", "worker-1"]),
        labels={"app": other},
        container={"args": [chance.choice("abcd")]},
        spec={"volumes": volumes},
        ownerReferences=owned_by("ReplicaSet", other),
    )
