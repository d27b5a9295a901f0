"""Checks over virtual time: what must hold, what must have happened, and for how long."""

from __future__ import annotations

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from lessons.catalog.lesson import CheckSpec, Step
from lessons.proof.prove import Looker


@pytest.fixture
def lab() -> Simulation:
    return Simulation.create(LabSettings(workers=1, instant=True))


def looking(lab: Simulation, type_: str, stable: float = 0.0, **options: object) -> Looker:
    return Looker(lab, Step("s", (), (CheckSpec("c", type_, options, stable),), ()))


def test_an_object_check_ticks_when_the_object_is_as_described_and_unticks_when_it_is_not(lab: Simulation) -> None:
    look = looking(lab, "object", resource="deployments.apps", name="web", where={".spec.replicas": 2})
    lab.run("kubectl create deployment web --image=nginx:1.27")
    assert not look().passed
    lab.run("kubectl scale deployment web --replicas=2")
    assert look().passed
    lab.run("kubectl scale deployment web --replicas=3")
    assert not look().passed


def test_a_stability_window_must_pass_without_a_break(lab: Simulation) -> None:
    look = looking(lab, "absent", stable=5, resource="pods", name="web")
    assert not look().passed
    lab.advance(4)
    assert not look().passed
    lab.run("kubectl run web --image=nginx:1.27")
    look()
    lab.run("kubectl delete pod web --now")
    look()
    lab.advance(4)
    assert not look().passed
    lab.advance(2)
    assert look().passed


def test_what_happened_stays_ticked(lab: Simulation) -> None:
    look = looking(lab, "happened", resource="pods", verb="DELETED", name="web")
    lab.run("kubectl run web --image=nginx:1.27")
    assert not look().passed
    lab.run("kubectl delete pod web --now")
    assert look().passed
    lab.run("kubectl run web --image=nginx:1.27")
    assert look().passed


def test_a_command_counts_only_with_its_exit_code_and_output(lab: Simulation) -> None:
    look = looking(lab, "ran", line="^kubectl get nodes", code=0, output="worker-1")
    lab.run("kubectl get nodes nothing")
    assert not look().passed
    lab.run("kubectl get nodes | grep cp-1")
    assert not look().passed
    lab.run("kubectl get nodes")
    assert look().passed


def test_files_requests_and_logs_are_looked_at_where_they_are(lab: Simulation) -> None:
    lab.run("kubectl run web --image=nginx:1.27 --port=80")
    lab.run("kubectl expose pod web")
    lab.run("echo hello > note.txt")
    lab.settle()
    assert looking(lab, "file", path="/home/learner/note.txt", matches="hello")().passed
    assert looking(lab, "file", pod="web", path="/etc/hostname", matches="^web$")().passed
    assert not looking(lab, "file", pod="web", path="/nowhere")().passed
    assert looking(lab, "http", url="http://web.default.svc.cluster.local/", status=200, matches="nginx")().passed
    assert looking(lab, "http", url="http://nobody.example/", error="nxdomain")().passed
    lab.run("curl -s http://web/")
    assert looking(lab, "log", pod="web", matches="GET / HTTP")().passed


@pytest.mark.parametrize(
    ("expected", "holds"),
    [({"gte": 1}, True), ({"gte": 2}, False), ({"lte": 1}, True), (1, True), (0, False), ({"in": [1, 5]}, True)],
)
def test_counts_are_exact_or_bounded(lab: Simulation, expected: object, holds: bool) -> None:
    check = looking(
        lab, "object", resource="nodes", namespace="", selector="!node-role.kubernetes.io/control-plane", count=expected
    )
    assert check().passed is holds


def test_what_somebody_may_do_is_judged_by_the_labs_own_authorisers(lab: Simulation) -> None:
    reads = looking(lab, "allowed", user="jane", verb="list", resource="pods")
    elsewhere = looking(
        lab, "allowed", user="jane", verb="list", resource="pods", namespace="kube-system", **{"is": False}
    )
    logs = looking(
        lab, "allowed", user="system:serviceaccount:default:robot", verb="get", resource="pods/log", name="web"
    )
    assert not reads().passed
    assert elsewhere().passed
    lab.run("kubectl create rolebinding jane --clusterrole=view --user=jane")
    lab.run("kubectl create rolebinding all --clusterrole=view --group=system:serviceaccounts:default")
    assert reads().passed
    assert elsewhere().passed
    assert logs().passed
    assert lab.run("kubectl get pods").code == 0
