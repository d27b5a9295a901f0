"""Machines join the cluster and show that they live."""

from __future__ import annotations

from tests.kubelet.node_lab import NodeLab


def test_a_powered_machine_registers_its_node(lab: NodeLab) -> None:
    node = lab.store.get("nodes", "", "worker-1")
    assert node is not None
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "worker-1"
    ready = node["status"]["conditions"][-1]
    assert (ready["type"], ready["status"], ready["message"]) == ("Ready", "True", "kubelet is posting ready status")
    assert node["status"]["addresses"][0] == {"type": "InternalIP", "address": "172.18.0.3"}


def test_a_lease_is_renewed_every_ten_seconds_and_nothing_else_is_written(lab: NodeLab) -> None:
    before = lab.store.revision
    lab.run(60)
    written = list(lab.store.since(before))
    assert {revision.resource for revision in written} == {"leases.coordination.k8s.io"}
    assert len(written) == 6


def test_the_status_is_reported_every_five_minutes(lab: NodeLab) -> None:
    before = lab.store.get("nodes", "", "worker-1")["status"]["conditions"][-1]["lastHeartbeatTime"]
    lab.run(301)
    after = lab.store.get("nodes", "", "worker-1")["status"]["conditions"][-1]
    assert after["lastHeartbeatTime"] > before
    assert after["lastTransitionTime"] == before


def test_a_machine_without_power_sends_nothing(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    lab.kubelets.power("worker-1", False)
    before = lab.store.revision
    lab.run(60)
    assert lab.store.revision == before


def test_a_machine_switched_on_again_restarts_its_containers(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    lab.kubelets.power("worker-1", False)
    lab.run(20)
    lab.kubelets.power("worker-1", True)
    lab.run(10)
    assert lab.container()["restartCount"] == 1
    assert lab.container()["ready"]
