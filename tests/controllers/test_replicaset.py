from __future__ import annotations

from cluster.machinery.conditions import of
from cluster.machinery.meta import name
from cluster.machinery.owners import controller_of
from tests.harness import Lab, pod, workload


def test_a_deleted_pod_is_replaced(lab: Lab) -> None:
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 2))
    lab.settle()
    first = lab.names("pods")[0]
    lab.kubectl.delete("pods", first, "default", {"gracePeriodSeconds": 0})
    lab.settle()
    assert len(lab.names("pods")) == 2 and first not in lab.names("pods")


def test_matching_orphans_are_adopted_before_pods_are_created(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("bare", {"app": "rs"}))
    lab.settle()
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 2))
    lab.settle()
    assert (controller_of(lab.get("pods", "bare") or {}) or {})["name"] == "rs"
    assert len(lab.names("pods")) == 2


def test_a_pod_whose_labels_no_longer_match_is_released_and_replaced(lab: Lab) -> None:
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 1))
    lab.settle()
    [only] = lab.names("pods")
    lab.kubectl.patch("pods", only, {"metadata": {"labels": {"app": "other"}}}, "default")
    lab.settle()
    assert controller_of(lab.get("pods", only) or {}) is None
    assert len(lab.names("pods")) == 2


def test_pods_that_are_not_ready_go_first(lab: Lab) -> None:
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 3))
    lab.settle()
    sick = lab.store.list("pods", "default")[1]
    for each in lab.store.list("pods", "default"):
        if each is not sick:
            lab.make_ready(each)
    lab.kubectl.patch("replicasets.apps", "rs", {"spec": {"replicas": 2}}, "default")
    lab.settle()
    leaving = [name(each) for each in lab.store.list("pods", "default") if "deletionTimestamp" in each["metadata"]]
    assert leaving == [name(sick)]


def test_a_quota_that_is_used_up_is_reported_as_a_condition(lab: Lab) -> None:
    quota = {"metadata": {"name": "q", "namespace": "default"}, "spec": {"hard": {"pods": "1"}}}
    lab.kubectl.create("resourcequotas", {"apiVersion": "v1", "kind": "ResourceQuota", **quota})
    lab.settle()
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 2))
    lab.settle()
    condition = of(lab.get("replicasets.apps", "rs") or {}, "ReplicaFailure") or {}
    assert condition["reason"] == "FailedCreate" and "exceeded quota: q" in condition["message"]
    assert len(lab.names("pods")) == 1


def test_a_thousand_pods_take_few_syncs(lab: Lab) -> None:
    lab.kubectl.create("replicasets.apps", workload("ReplicaSet", "rs", 300))
    lab.settle()
    before = lab.store.revision
    lab.make_all_ready()
    lab.settle()
    assert len(list(lab.store.since(before, "replicasets.apps"))) == 1


def test_a_replicationcontroller_keeps_its_pods(lab: Lab) -> None:
    made = workload("ReplicationController", "rc", 2)
    made["apiVersion"] = "v1"
    made["spec"]["selector"] = {"app": "rc"}
    lab.kubectl.create("replicationcontrollers", made)
    lab.settle()
    lab.make_all_ready()
    lab.settle()
    assert (lab.get("replicationcontrollers", "rc") or {})["status"]["readyReplicas"] == 2
