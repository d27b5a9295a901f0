from __future__ import annotations

from cluster.machinery.clock import parse_timestamp
from cluster.topology import health
from tests.topology.builders import node, pod


def waiting(reason: str, message: str = "", finished: str = "") -> dict:
    status = {"name": "main", "restartCount": 3, "state": {"waiting": {"reason": reason, "message": message}}}
    if finished:
        status["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": finished}}
    return {"phase": "Running", "containerStatuses": [status]}


def test_a_pod_without_a_node_is_pending_with_the_schedulers_words():
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    state = health.pod_state(pod("web", status={"conditions": [condition]}))
    assert state == {"state": "pending", "form": "dashed", "word": "Unschedulable", "message": "0/3 nodes"}


def test_a_placed_pod_that_waits_for_its_containers_is_creating():
    state = health.pod_state(pod("web", node="worker-1"))
    assert (state["state"], state["word"]) == ("creating", "ContainerCreating")


def test_init_containers_are_counted():
    done = {"name": "first", "state": {"terminated": {"exitCode": 0}}}
    status = {"initContainerStatuses": [done, {"name": "second", "state": {"running": {}}}]}
    assert health.pod_state(pod("web", node="worker-1", status=status))["word"] == "Init:1/2"


def test_back_off_counts_down_to_the_end_of_its_delay():
    message = "back-off 1m20s restarting failed container=main pod=web"
    state = health.pod_state(pod("web", node="n", status=waiting("CrashLoopBackOff", message, "2026-01-01T00:00:00Z")))
    assert (state["state"], state["form"], state["word"]) == ("crashloop", "broken", "CrashLoopBackOff")
    assert state["until"] == parse_timestamp("2026-01-01T00:01:20Z")


def test_a_pull_that_fails_is_trouble_without_a_count_down():
    state = health.pod_state(pod("web", node="n", status=waiting("ErrImagePull", "not found")))
    assert state["state"] == "crashloop" and "until" not in state


def test_running_and_ready_differ_in_form():
    assert health.pod_state(pod("a", node="n", ready=True))["form"] == "filled"
    assert health.pod_state(pod("a", node="n", status={"phase": "Running"}))["form"] == "outline"


def test_a_deleted_pod_shows_when_its_grace_period_ends():
    state = health.pod_state(pod("a", node="n", ready=True, deletionTimestamp="2026-01-01T00:00:30Z"))
    assert state["state"] == "terminating" and state["until"] == parse_timestamp("2026-01-01T00:00:30Z")


def test_ended_pods_are_checked_or_crossed():
    assert health.pod_state(pod("a", node="n", status={"phase": "Succeeded"}))["form"] == "check"
    failed = {"phase": "Failed", "reason": "Evicted"}
    assert health.pod_state(pod("a", node="n", status=failed))["word"] == "Evicted"


def test_containers_tell_their_own_state():
    ready = {"name": "main", "ready": True, "state": {"running": {}}}
    assert health.containers(pod("a", status={"containerStatuses": [ready]})) == [{"name": "main", "state": "ready"}]


def test_an_unheard_machine_is_fogged_and_a_cordoned_one_has_a_lid():
    assert health.node_state(node("n", ready="Unknown"))["state"] == "notready"
    assert health.node_state(node("n", unschedulable=True))["cordoned"]
