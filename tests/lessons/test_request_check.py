"""The `request` check: somebody asked the API server something, and was answered so."""

from __future__ import annotations

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from lessons.catalog.lesson import CheckSpec, Step
from lessons.proof.prove import Looker


@pytest.fixture
def lab() -> Simulation:
    return Simulation.create(LabSettings(workers=1, instant=True))


def looking(lab: Simulation, **options: object) -> Looker:
    return Looker(lab, Step("s", (), (CheckSpec("c", "request", options, 0.0),), ()))


def test_a_denial_of_a_user_ticks_and_stays_ticked(lab: Simulation) -> None:
    look = looking(lab, user="dev", verb="delete", resource="pods", code=403, by="RBAC")
    lab.run("kubectl get pods --as=dev")
    assert not look().passed
    lab.run("kubectl delete pod web --as=dev")
    assert look().passed
    lab.run("kubectl get pods")
    assert look().passed


def test_what_was_asked_before_the_step_does_not_count(lab: Simulation) -> None:
    lab.run("kubectl delete pod web --as=dev")
    look = looking(lab, user="dev", code=403)
    assert not look().passed


def test_a_refusal_by_an_admission_plugin_is_known_by_its_name_and_reason(lab: Simulation) -> None:
    lab.run("kubectl label namespace default pod-security.kubernetes.io/enforce=restricted")
    look = looking(lab, by="PodSecurity", reason="allowPrivilegeEscalation", resource="pods")
    lab.run("kubectl run web --image=nginx:1.27 --as=dev")
    assert not look().passed
    lab.run("kubectl run web --image=nginx:1.27")
    assert look().passed


def test_fields_may_be_operators(lab: Simulation) -> None:
    look = looking(lab, user={"matches": "^d"}, code={"gte": 400}, namespace="default")
    lab.run("kubectl get pods")
    assert not look().passed
    lab.run("kubectl get secrets --as=dev")
    assert look().passed


def test_an_answered_request_counts_too(lab: Simulation) -> None:
    look = looking(lab, user="kubernetes-admin", verb="create", resource="deployments.apps", name="web", code=201)
    lab.run("kubectl create deployment web --image=nginx:1.27")
    assert look().passed
