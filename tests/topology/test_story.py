from __future__ import annotations

import re

import pytest

from cluster.topology.captions import TEXTS
from cluster.topology.story import Storyteller
from tests.topology.builders import Cluster, node, owned_by, pod, service, slice_of, workload


class Told:
    """A cluster whose every write is told at once."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.story = Storyteller(self.cluster.store)

    def put(self, resource, obj) -> str:
        caption = self.story.tell(self.cluster.put(resource, obj))
        return caption.text() if caption else ""

    def remove(self, resource, obj) -> str:
        caption = self.story.tell(self.cluster.remove(resource, obj))
        return caption.text() if caption else ""


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_replicaset_creates_what_it_misses(told):
    told.put("replicasets.apps", workload("ReplicaSet", "web-5d8", 3))
    owner = owned_by("ReplicaSet", "web-5d8")
    told.put("pods", pod("web-5d8-a", ownerReferences=owner))
    told.put("pods", pod("web-5d8-b", ownerReferences=owner))
    text = told.put("pods", pod("web-5d8-c", ownerReferences=owner))
    assert text == "ReplicaSet web-5d8 wants 3 pods, sees 2, creates web-5d8-c"


def test_the_life_of_a_pod_is_told_step_by_step(told):
    assert told.put("pods", pod("web")) == "Pod web is written; no controller looks after it"
    assert told.put("pods", pod("web", node="worker-1")) == "The scheduler puts pod web on worker-1"
    started = pod("web", node="worker-1", status={"phase": "Running"})
    assert told.put("pods", started) == "The kubelet on worker-1 has started pod web"
    assert told.put("pods", pod("web", node="worker-1", ready=True)) == "Pod web is ready: services may send to it"
    ending = pod(
        "web", node="worker-1", ready=True, deletionTimestamp="2026-01-01T00:00:30Z", deletionGracePeriodSeconds=30
    )
    assert told.put("pods", ending) == "Pod web is asked to end and has 30 seconds for it"
    assert told.remove("pods", ending) == "Pod web is gone"


def test_a_deployment_says_what_it_wants_and_when_it_has_it(told):
    assert (
        told.put("deployments.apps", workload("Deployment", "web", 2))
        == "Deployment web is written: it wants 2 × nginx"
    )
    assert (
        told.put("deployments.apps", workload("Deployment", "web", 3)) == "Deployment web now wants 3 pods; it wanted 2"
    )
    done = told.put("deployments.apps", workload("Deployment", "web", 3, have=3))
    assert done == "Deployment web is complete: 3 of 3 pods are ready"
    changed = told.put("deployments.apps", workload("Deployment", "web", 3, have=3, image="nginx:2"))
    assert changed == "Deployment web has a new template: a rolling update begins"


def test_services_and_machines_are_told(told):
    assert told.put("services", service("web")) == "Service web opens a gate at 10.96.0.7"
    assert told.put("endpointslices.discovery.k8s.io", slice_of("web", 2)) == "Service web now leads to 2 ready pods"
    told.put("nodes", node("worker-1"))
    assert told.put("nodes", node("worker-1", unschedulable=True)) == "Node worker-1 is cordoned: it takes no new pods"
    assert told.put("nodes", node("worker-1", ready="Unknown")).startswith("Node worker-1 is not heard any more")


def test_bookkeeping_has_no_caption(told):
    assert told.put("leases.coordination.k8s.io", {"kind": "Lease", "metadata": {"name": "l", "namespace": "n"}}) == ""
    same = {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": {"a": "1"}}
    assert told.put("configmaps", same) == "ConfigMap c is written"
    assert told.put("configmaps", same) == ""
    assert told.put("configmaps", {**same, "data": {"a": "2"}}) == "ConfigMap c is changed"


def test_both_languages_have_every_caption_with_the_same_parameters():
    english, chinese = TEXTS["en"], TEXTS["zh-hans"]
    assert english.keys() == chinese.keys()
    for message, text in english.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", chinese[message])), message
