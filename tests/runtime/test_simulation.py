"""A whole cluster in memory: what a new lab holds, that time is given, that runs repeat, that forks part."""

from __future__ import annotations

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


def names(lab: Simulation, resource: str, namespace: str = "") -> list[str]:
    return [obj["metadata"]["name"] for obj in lab.store.list(resource, namespace)]


@pytest.fixture(scope="module")
def fresh() -> Simulation:
    return Simulation.create(LabSettings())


def test_a_default_lab_has_one_control_plane_node_and_three_workers_all_ready(fresh: Simulation) -> None:
    assert names(fresh, "nodes") == ["cp-1", "worker-1", "worker-2", "worker-3"]
    for node in fresh.store.list("nodes"):
        ready = [each["status"] for each in node["status"]["conditions"] if each["type"] == "Ready"]
        assert ready == ["True"]


def test_kube_system_lives_as_ready_pods(fresh: Simulation) -> None:
    pods = names(fresh, "pods", "kube-system")
    for name in ("etcd-cp-1", "kube-apiserver-cp-1", "kube-controller-manager-cp-1", "kube-scheduler-cp-1"):
        assert name in pods
    assert sum(name.startswith("kube-proxy-") for name in pods) == 4
    assert sum(name.startswith("coredns-") for name in pods) == 2
    assert {pod["status"]["phase"] for pod in fresh.store.list("pods", "kube-system")} == {"Running"}


def test_a_lab_may_have_no_node_at_all() -> None:
    lab = Simulation.create(LabSettings(workers=-1))
    assert names(lab, "nodes") == []
    lab.run("kubectl create deployment web --image=nginx:1.27")
    lab.settle()
    assert [pod["status"]["phase"] for pod in lab.store.list("pods", "default")] == ["Pending"]


def test_the_same_seed_and_commands_give_the_same_log() -> None:
    def log(seed: int) -> list[tuple[object, ...]]:
        lab = Simulation.create(LabSettings(seed=seed))
        lab.run("kubectl create deployment web --image=nginx:1.27 --replicas=3")
        lab.settle()
        lab.run("kubectl set image deployment/web nginx=nginx:1.28")
        lab.settle()
        return [(one.number, one.verb, one.resource, one.object, one.actor, one.time) for one in lab.store.since(0)]

    assert log(7) == log(7)
    assert log(7) != log(8)


def test_a_fork_goes_its_own_way() -> None:
    lab = Simulation.create(LabSettings(instant=True))
    lab.run("kubectl create deployment web --image=nginx:1.27 --replicas=2")
    lab.settle()
    twin = lab.fork()
    twin.run("kubectl delete deployment web")
    twin.settle()
    assert names(twin, "pods", "default") == []
    assert len(names(lab, "pods", "default")) == 2


def test_a_simulation_taken_over_in_the_middle_of_a_rollout_goes_on_where_it_was() -> None:
    lab = Simulation.create(LabSettings())
    lab.run("kubectl create deployment web --image=nginx:1.27 --replicas=3")
    lab.advance(1.0)
    successor = lab.fork()
    successor.settle()
    assert successor.run("kubectl get deployment web -o jsonpath={.status.readyReplicas}").stdout == "3"


def test_a_command_survives_a_change_of_worker_in_the_middle_of_a_sleep() -> None:
    lab = Simulation.create(LabSettings())
    job = lab.terminals.begin_line("t1", "echo before; sleep 60; echo after")
    lab.advance(10)
    successor = lab.fork()
    assert successor.terminals.line_code(job) is None
    successor.advance(51)
    assert successor.terminals.line_code(job) == 0
    assert successor.terminals.end_line(job) == (b"before\nafter\n", b"")


def test_a_component_whose_manifest_is_taken_away_stands_still_and_catches_up_when_it_is_back() -> None:
    lab = Simulation.create(LabSettings())
    lab.run("ssh cp-1 mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/")
    lab.run("kubectl wait --for=delete pod/kube-scheduler-cp-1 -n kube-system --timeout=120s")
    lab.run("kubectl create deployment web --image=nginx:1.27")
    lab.settle()
    assert [pod["spec"].get("nodeName") for pod in lab.store.list("pods", "default")] == [None]
    lab.run("ssh cp-1 mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/")
    lab.advance(60)
    assert [pod["status"]["phase"] for pod in lab.store.list("pods", "default")] == ["Running"]


def test_machines_join_and_fail_by_hand() -> None:
    lab = Simulation.create(LabSettings(workers=1))
    assert lab.run("lab node add worker-9").code == 0
    lab.advance(30)
    assert "worker-9" in names(lab, "nodes")
    lab.run("lab node off worker-9")
    lab.advance(90)
    status = lab.run("kubectl get node worker-9 --no-headers").stdout.split()[1]
    assert status == "NotReady"
    assert lab.run("lab node off nobody").stderr == "lab: there is no machine 'nobody'\n"
    assert lab.run("ssh worker-9 hostname").code == 255


def test_a_trace_names_every_hop_and_its_rule() -> None:
    lab = Simulation.create(LabSettings(workers=2))
    lab.run("kubectl create deployment web --image=nginx:1.27")
    lab.run("kubectl expose deployment web --port=80")
    lab.settle()
    told = lab.run("lab trace http://web").stdout
    assert "KUBE-SVC-" in told
    assert told.splitlines()[-1].startswith("=>  200 from 10.244.")
    assert lab.run("lab trace http://web --from pod/nobody").code == 2


def test_a_patch_of_a_wrong_type_typed_into_the_terminal_is_refused(fresh: Simulation) -> None:
    lab = fresh.fork()
    lab.run("kubectl create deployment typed --image=nginx:1.27")
    done = lab.run("""kubectl patch deployment typed -p '{"spec":{"replicas":"two"}}'""")
    assert done.code == 1
    assert done.stderr == (
        'The request is invalid: patch: Invalid value: "map[spec:map[replicas:two]]": unrecognized type: int32\n'
    )
