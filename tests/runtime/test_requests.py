"""`lab requests` and `lab why`: what the API server was asked, remembered and told gate by gate."""

from __future__ import annotations

import pytest

from cluster.apiserver.gates.recorder import CURIOSITY
from cluster.apiserver.gates.rings import COMPONENTS, KEPT, PEOPLE, REFUSED
from cluster.apiserver.request import Request, User, component
from cluster.machinery.errors import StatusError
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


@pytest.fixture
def lab() -> Simulation:
    made = Simulation.create(LabSettings(workers=1, instant=True))
    made.run("kubectl create role reader --verb=get,list --resource=pods")
    made.run("kubectl create rolebinding dev-reads --role=reader --user=dev")
    return made


def test_nothing_of_an_installation_is_remembered() -> None:
    fresh = Simulation.create(LabSettings(workers=1, instant=True))
    assert fresh.run("lab requests --all").stdout == "no request yet\n"
    assert fresh.run("lab why").code == 1


def test_why_names_the_rule_that_nearly_matched_and_the_smallest_role(lab: Simulation) -> None:
    lab.run("kubectl delete pod web --as=dev")
    told = lab.run("lab why").stdout
    assert "Request 3: delete pods default/web" in told
    assert "✘ Authorization: no rule allows it" in told
    assert "RoleBinding default/dev-reads gives Role default/reader: rule 1 nearly matches" in told
    assert "! verbs: [get, list]" in told
    assert "kubectl create role delete-pods-web --verb=delete --resource=pods --resource-name=web -n default" in told
    assert "Really asked by: kubernetes-admin" in told


def test_the_commands_it_proposes_make_the_refused_request_pass(lab: Simulation) -> None:
    lab.run("kubectl run web --image=nginx:1.27")
    assert lab.run("kubectl delete pod web --now --as=dev").code == 1
    commands = [line.strip() for line in lab.run("lab why").stdout.splitlines() if "kubectl create" in line]
    assert [lab.run(line).code for line in commands] == [0, 0]
    assert lab.run("kubectl delete pod web --now --wait=false --as=dev").code == 0


def test_why_of_a_write_shows_what_each_plugin_changed(lab: Simulation) -> None:
    lab.run("kubectl run web --image=nginx:1.27")
    told = lab.run("lab why 3").stdout
    assert "✔ Mutating admission" in told and "Changed by ServiceAccount:" in told
    assert "+ spec.serviceAccountName: default" in told
    revision = lab.run("kubectl get pod web -o jsonpath={.metadata.resourceVersion}").stdout
    assert "ADDED pods default/web" in told and int(revision) > 0


def test_why_of_an_invalid_object_names_the_field(lab: Simulation) -> None:
    lab.write_files({"bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n"})
    assert lab.run("kubectl create -f bad.yaml").code == 1
    told = lab.run("lab why").stdout
    assert "✘ Validation: 1 fault" in told and "metadata.name: Invalid value" in told


def test_a_pod_security_refusal_is_told_at_validating_admission(lab: Simulation) -> None:
    lab.run("kubectl label namespace default pod-security.kubernetes.io/enforce=restricted")
    lab.run("kubectl run web --image=nginx:1.27")
    assert "✘ Validating admission: refused by PodSecurity" in lab.run("lab why").stdout


def test_requests_lists_people_and_with_all_the_components(lab: Simulation) -> None:
    lab.run("kubectl run web --image=nginx:1.27")
    listed, everything = lab.run("lab requests").stdout, lab.run("lab requests --all").stdout
    assert "kubernetes-admin" in listed and "system:kube-scheduler" not in listed
    assert "pods/binding default/web" in everything


def test_a_request_that_is_not_there_is_said_so(lab: Simulation) -> None:
    answer = lab.run("lab why 99")
    assert (answer.code, answer.stderr) == (1, "lab: request 99 is not there (any more)\n")
    assert lab.run("lab why x").code == 2


def test_the_rings_are_bounded_each_for_itself(lab: Simulation) -> None:
    eve = lab.client(User("eve"))
    with pytest.raises(StatusError):
        eve.get("secrets", "s", "default")
    denied = lab.recorder.serial
    admin = lab.client()
    for _ in range(KEPT[PEOPLE] + 20):
        admin.get("namespaces", "default")
    kept = lab.view().requests()
    assert sum(one.ring == PEOPLE for one in kept) == KEPT[PEOPLE]
    assert any(one.serial == denied and one.ring == REFUSED for one in kept)
    assert all(one.serial > 0 for one in kept if one.ring == COMPONENTS)


def test_heartbeats_and_reads_of_components_are_not_remembered(lab: Simulation) -> None:
    before = lab.recorder.serial
    lab.advance(60)
    fresh = lab.view(0, before).new_requests()
    assert not [one for one in fresh if one.resource.startswith("leases") or one.verb in ("get", "list", "watch")]


def test_of_a_rush_of_components_only_the_first_changes_are_noted(lab: Simulation) -> None:
    scheduler = Request("update", component("system:kube-scheduler"), resource="pods")
    wanted = [lab.recorder.wants_changes(scheduler) for _ in range(2 * CURIOSITY)]
    assert 0 < sum(wanted) <= CURIOSITY and not wanted[-1]
    assert lab.recorder.wants_changes(Request("update", User("ada"), resource="pods"))
    lab.advance(120)
    assert lab.recorder.wants_changes(scheduler)


def test_the_same_commands_remember_the_same_requests() -> None:
    def told() -> str:
        made = Simulation.create(LabSettings(workers=1, instant=True))
        made.run("kubectl create deployment web --image=nginx:1.27 --replicas=2")
        made.run("kubectl get secrets --as=eve")
        return made.run("lab requests 50 --all").stdout + made.run("lab why").stdout

    assert told() == told()


def test_a_denied_exec_or_watch_is_a_request_like_any_other(lab: Simulation) -> None:
    lab.run("kubectl run web --image=nginx:1.27")
    assert lab.run("kubectl exec web --as=dev -- ls").code == 1
    assert "Request" in (told := lab.run("lab why").stdout) and "create pods/exec default/web" in told
    assert lab.run("kubectl get secrets --watch --as=dev").code == 1
    assert "Authorization: no rule allows it" in lab.run("lab why").stdout
