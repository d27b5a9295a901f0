"""The API server is a static pod's process: its manifest on the control-plane node decides how it runs, and whether."""

from __future__ import annotations

import pytest

from cluster.apiserver.request import component
from cluster.machinery.errors import StatusError
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"
ADD = "/    - kube-apiserver/a\\    - "
REFUSED = "The connection to the server 172.18.0.2:6443 was refused - did you specify the right host or port?\n"


@pytest.fixture
def lab() -> Simulation:
    return Simulation.create(LabSettings(workers=1))


def edit(lab: Simulation, script: str) -> None:
    """Change the manifest on the node, and let the kubelet see it."""
    assert lab.run(f"ssh cp-1 \"sed -i '{script}' {MANIFEST}\"").code == 0
    lab.advance(30)


def test_a_new_authorization_mode_is_in_force_once_the_static_pod_has_restarted(lab: Simulation) -> None:
    assert lab.run("kubectl get nodes --as=jane").code == 1
    edit(lab, "s/Node,RBAC/AlwaysAllow/")
    assert lab.run("kubectl get nodes --as=jane").code == 0
    edit(lab, "s/AlwaysAllow/Node,RBAC/")
    assert lab.run("kubectl get nodes --as=jane").code == 1


def test_where_everything_is_denied_the_control_plane_stands_still_and_goes_on_later(lab: Simulation) -> None:
    lab.run("kubectl create deployment web --image=nginx:1.27 --replicas=2")
    lab.advance(30)
    edit(lab, "s/Node,RBAC/AlwaysDeny/")
    refused = lab.run("kubectl get nodes --as=jane")
    assert refused.stderr.endswith("at the cluster scope: Everything is forbidden.\n")
    assert lab.run("kubectl scale deployment web --replicas=3").code == 0
    lab.advance(20)
    assert "2/3" in lab.run("kubectl get deployment web").stdout
    edit(lab, "s/AlwaysDeny/Node,RBAC/")
    lab.advance(60)
    assert "3/3" in lab.run("kubectl get deployment web").stdout


def test_a_flag_the_server_does_not_know_keeps_it_from_starting_until_it_is_taken_out(lab: Simulation) -> None:
    edit(lab, ADD + "--basic-auth-file=/etc/kubernetes/pki/users.csv")
    assert lab.run("kubectl get nodes").stderr == REFUSED
    assert lab.run("kubectl get --raw /healthz").stderr == REFUSED
    edit(lab, "/basic-auth-file/d")
    assert lab.run("kubectl get nodes").code == 0


def test_without_its_manifest_there_is_no_server_and_the_state_is_all_there_afterwards(lab: Simulation) -> None:
    lab.run("kubectl create deployment web --image=nginx:1.27")
    lab.advance(30)
    lab.run(f"ssh cp-1 mv {MANIFEST} /root/")
    lab.advance(30)
    assert lab.run("kubectl get deployments").stderr == REFUSED
    with pytest.raises(StatusError, match="was refused"):
        lab.client(component("system:kube-scheduler")).get("deployments.apps", "web", "default")
    lab.run(f"ssh cp-1 mv /root/kube-apiserver.yaml {MANIFEST}")
    lab.advance(30)
    assert "1/1" in lab.run("kubectl get deployments").stdout


def test_another_worker_goes_on_with_the_server_as_it_was_started(lab: Simulation) -> None:
    edit(lab, "s/Node,RBAC/AlwaysAllow/")
    assert lab.fork().run("kubectl get nodes --as=jane").code == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("s/Node,RBAC/Magic/", 'authorization-mode \\"Magic\\" is not a valid mode'),
        ("s/Node,RBAC/ABAC/", "authorization-mode ABAC's authorization policy file not passed"),
        (
            ADD + "--token-auth-file=/etc/kubernetes/pki/none.csv",
            "open /etc/kubernetes/pki/none.csv: no such file or directory",
        ),
        (ADD + "--anonymous-auth=maybe", 'invalid argument "maybe" for "--anonymous-auth" flag: strconv.ParseBool'),
    ],
)
def test_a_start_that_fails_says_why_in_the_containers_log(lab: Simulation, script: str, said: str) -> None:
    edit(lab, script)
    assert lab.run("kubectl get nodes").stderr == REFUSED
    log = lab.run("ssh cp-1 'crictl logs $(crictl ps -a --name kube-apiserver -q | head -n 1)'")
    assert said in log.stdout + log.stderr
