"""Static pods: the control plane's manifests on a machine's disk."""

from __future__ import annotations

from cluster.kubelet.machines import machine, register
from cluster.workloads.addons import static_manifests
from tests.kubelet.node_lab import NodeLab


def control_plane(lab: NodeLab) -> None:
    spec = machine("cp-1", 0, role="control-plane")
    register(lab.state, spec)
    files = static_manifests("cp-1", spec["address"], pod_cidr="10.244.0.0/16", service_cidr="10.96.0.0/12")
    lab.state.put("files/node/cp-1", files)
    lab.kubelets.look_at_machines()
    lab.run(30)


def names(lab: NodeLab) -> list[str]:
    return [pod["metadata"]["name"] for pod in lab.store.list("pods", "kube-system")]


def test_every_manifest_becomes_a_running_mirror_pod(lab: NodeLab) -> None:
    control_plane(lab)
    wanted = ["etcd-cp-1", "kube-apiserver-cp-1", "kube-controller-manager-cp-1", "kube-scheduler-cp-1"]
    assert names(lab) == wanted
    pod = lab.client.get("pods", "etcd-cp-1", "kube-system")
    assert pod["status"]["podIP"] == "172.18.0.2"
    assert pod["status"]["containerStatuses"][0]["ready"]
    assert pod["metadata"]["annotations"]["kubernetes.io/config.source"] == "file"
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "Node"


def test_a_deleted_mirror_comes_back_and_its_container_never_stopped(lab: NodeLab) -> None:
    control_plane(lab)
    before = lab.client.get("pods", "etcd-cp-1", "kube-system")
    lab.client.delete("pods", "etcd-cp-1", "kube-system")
    lab.run(11)
    after = lab.client.get("pods", "etcd-cp-1", "kube-system")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    ids = [pod["status"]["containerStatuses"][0]["containerID"] for pod in (before, after)]
    assert ids[0] == ids[1]


def test_a_removed_manifest_ends_its_pod(lab: NodeLab) -> None:
    control_plane(lab)
    tree = lab.state.get("files/node/cp-1")
    del tree["/etc/kubernetes/manifests/kube-scheduler.yaml"]
    lab.state.put("files/node/cp-1", tree)
    lab.run(11)
    assert "kube-scheduler-cp-1" not in names(lab)
