from __future__ import annotations

import time
from collections import Counter
from typing import Any

from cluster.machinery.conditions import of
from cluster.machinery.meta import Object
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from tests.harness import Lab, container, pod, workload

NO_PREEMPTION = (
    "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."
)


def asking(each: str, cpu: str = "1", **spec: Any) -> Object:
    labels = spec.pop("labels", None)
    return pod(each, labels, **{"containers": [container(resources={"requests": {"cpu": cpu}})], **spec})


def node_of(lab: Lab, each: str) -> str:
    return str(((lab.get("pods", each) or {}).get("spec") or {}).get("nodeName", ""))


def why(lab: Lab, each: str) -> str:
    return str((of(lab.get("pods", each) or {}, "PodScheduled") or {}).get("message", ""))


def test_a_pod_is_bound_and_the_event_says_where(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("web"))
    lab.settle()
    assert lab.messages("Scheduled") == [f"Successfully assigned default/web to {node_of(lab, 'web')}"]


def test_pods_of_one_workload_spread_over_the_nodes(lab: Lab) -> None:
    lab.with_controllers()
    lab.kubectl.create("deployments.apps", workload("Deployment", "web", 6))
    lab.settle()
    assert Counter(each["spec"]["nodeName"] for each in lab.store.list("pods", "default")) == {
        "worker-1": 2,
        "worker-2": 2,
        "worker-3": 2,
    }


def test_a_pod_too_large_for_every_node_says_so_word_for_word(lab: Lab) -> None:
    lab.kubectl.create("pods", asking("big", "100"))
    lab.settle()
    assert why(lab, "big") == f"0/3 nodes are available: 3 Insufficient cpu. {NO_PREEMPTION}"
    assert lab.messages("FailedScheduling") == [why(lab, "big")]


def test_reasons_of_different_nodes_are_counted_and_sorted(lab: Lab) -> None:
    lab.kubectl.patch("nodes", "worker-1", {"spec": {"unschedulable": True}})
    lab.kubectl.patch("nodes", "worker-2", {"spec": {"taints": [{"key": "only", "effect": "NoSchedule"}]}})
    lab.kubectl.create("pods", pod("web", nodeSelector={"disk": "ssd"}))
    lab.settle()
    assert why(lab, "web").startswith(
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. "
    )


def test_a_label_that_appears_lets_a_waiting_pod_in(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("web", nodeSelector={"disk": "ssd"}))
    lab.settle()
    assert not node_of(lab, "web")
    lab.kubectl.patch("nodes", "worker-2", {"metadata": {"labels": {"disk": "ssd"}}})
    lab.settle()
    assert node_of(lab, "web") == "worker-2"


def test_a_deleted_pod_makes_room_for_the_next(lab: Lab) -> None:
    for number in range(3):
        lab.kubectl.create("pods", asking(f"full-{number}", "3"))
    lab.kubectl.create("pods", asking("late", "3"))
    lab.settle()
    assert "No preemption victims found for incoming pod" in why(lab, "late")
    free = node_of(lab, "full-1")
    lab.kubectl.delete("pods", "full-1", "default", {"gracePeriodSeconds": 0})
    lab.settle()
    assert node_of(lab, "late") == free


def test_anti_affinity_keeps_pods_of_a_kind_apart(lab: Lab) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    for number in range(4):
        lab.kubectl.create("pods", pod(f"db-{number}", {"app": "db"}, affinity=affinity))
    lab.settle()
    assert len({node_of(lab, f"db-{number}") for number in range(3)}) == 3
    assert "3 node(s) didn't match pod anti-affinity rules" in why(lab, "db-3")


def test_affinity_follows_the_other_pod(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("cache", {"app": "cache"}, nodeName="worker-2"))
    term = {"labelSelector": {"matchLabels": {"app": "cache"}}, "topologyKey": "kubernetes.io/hostname"}
    affinity = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    lab.kubectl.create("pods", pod("web", affinity=affinity))
    lab.settle()
    assert node_of(lab, "web") == "worker-2"


def test_a_topology_constraint_bounds_the_skew(lab: Lab) -> None:
    constraint = {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "web"}},
    }
    lab.kubectl.patch("nodes", "worker-3", {"spec": {"unschedulable": True}})
    for number in range(3):
        lab.kubectl.create("pods", pod(f"web-{number}", {"app": "web"}, topologySpreadConstraints=[constraint]))
    lab.settle()
    assert "2 node(s) didn't match pod topology spread constraints" in why(lab, "web-2")


def test_host_ports_are_taken_once_per_node(lab: Lab) -> None:
    ports = [{"containerPort": 80, "hostPort": 80}]
    for number in range(4):
        lab.kubectl.create("pods", pod(f"edge-{number}", containers=[container(ports=ports)]))
    lab.settle()
    assert "3 node(s) didn't have free ports for the requested pod ports" in why(lab, "edge-3")


def test_an_important_pod_evicts_a_lesser_one_and_takes_its_place(lab: Lab) -> None:
    kind = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000}
    lab.kubectl.create("priorityclasses.scheduling.k8s.io", kind)
    for number in range(3):
        lab.kubectl.create("pods", asking(f"low-{number}", "3"))
    lab.settle()
    lab.kubectl.create("pods", asking("high", "3", priorityClassName="high"))
    lab.settle()
    leaving = [each for each in lab.store.list("pods", "default") if "deletionTimestamp" in each["metadata"]]
    assert len(leaving) == 1
    assert (of(leaving[0], "DisruptionTarget") or {})["reason"] == "PreemptionByScheduler"
    chosen = (lab.get("pods", "high") or {})["status"]["nominatedNodeName"]
    lab.finish_deletions()
    lab.settle()
    assert node_of(lab, "high") == chosen


def test_a_gated_pod_waits_until_the_gate_is_gone(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("held", schedulingGates=[{"name": "quota"}]))
    lab.settle()
    assert not node_of(lab, "held") and not lab.messages("FailedScheduling")
    lab.kubectl.patch("pods", "held", {"spec": {"schedulingGates": None}}, "default")
    lab.settle()
    assert node_of(lab, "held")


def test_pods_of_another_scheduler_are_left_alone(lab: Lab) -> None:
    lab.kubectl.create("pods", pod("foreign", schedulerName="mine"))
    lab.settle()
    assert not node_of(lab, "foreign") and not lab.messages()


def test_the_latest_decision_of_a_pod_can_be_looked_at(lab: Lab) -> None:
    lab.kubectl.patch("nodes", "worker-1", {"spec": {"unschedulable": True}})
    lab.kubectl.create("pods", asking("web"))
    lab.settle()
    [key] = lab.state.keys("scheduler/decisions/")
    decision = lab.state.get(key)
    assert decision["filtered"]["worker-1"]["plugin"] == "NodeUnschedulable"
    assert decision["scores"].keys() == {"worker-2", "worker-3"} and decision["node"] == node_of(lab, "web")


def test_a_restarted_scheduler_knows_what_is_bound(lab: Lab) -> None:
    lab.kubectl.create("pods", asking("first", "3", nodeName="worker-1"))
    lab.settle()
    [scheduler] = lab.components
    scheduler.resume()
    lab.kubectl.create("pods", asking("second", "3", nodeSelector={"kubernetes.io/hostname": "worker-1"}))
    lab.settle()
    assert "1 Insufficient cpu" in why(lab, "second")


def test_five_hundred_pods_are_spread_evenly_and_soon() -> None:
    lab = Lab().with_account().with_nodes(20).with_scheduler()
    for number in range(500):
        lab.kubectl.create("pods", pod(f"web-{number}", {"app": "web"}))
    begin = time.perf_counter()
    lab.settle()
    spent = time.perf_counter() - begin
    counts = Counter(each["spec"]["nodeName"] for each in lab.store.list("pods", "default"))
    assert max(counts.values()) - min(counts.values()) <= 1
    assert spent < 3.0, f"500 pods took {spent:.2f} s; the budget is 0.3 s on an idle machine"


def test_a_scheduler_whose_rights_are_taken_away_leaves_pods_pending_and_the_lab_goes_on() -> None:
    lab = Simulation.create(LabSettings())
    lab.run("kubectl delete clusterrolebinding system:kube-scheduler")
    lab.run("kubectl create deployment web --image=nginx --replicas=2")
    lab.advance(30)
    assert lab.run("kubectl get pods --no-headers").stdout.count("Pending") == 2
