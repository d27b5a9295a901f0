"""The API as programs in pods reach it: through the Service, with the token the kubelet put there."""

from __future__ import annotations

import json

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

HERE = "/var/run/secrets/kubernetes.io/serviceaccount"
CURL = f'curl -s --cacert {HERE}/ca.crt -H "Authorization: Bearer $(cat {HERE}/token)" https://kubernetes.default.svc'


@pytest.fixture
def lab() -> Simulation:
    lab = Simulation.create(LabSettings(workers=1, instant=True))
    lab.run("kubectl create serviceaccount robot")
    overrides = '{"spec":{"serviceAccountName":"robot"}}'
    lab.run(f"kubectl run asks --image=curlimages/curl:8.11.0 --overrides='{overrides}' -- sleep 36000")
    lab.settle()
    return lab


def asked(lab: Simulation, path: str, *options: str) -> dict[str, object]:
    outcome = lab.run(f"kubectl exec asks -- sh -c '{CURL}{path} {' '.join(options)}'")
    assert outcome.code == 0, outcome.stderr
    found: dict[str, object] = json.loads(outcome.stdout)
    return found


def test_a_pod_is_its_service_account_and_may_what_that_may(lab: Simulation) -> None:
    refused = asked(lab, "/api/v1/namespaces/default/pods")
    assert refused["reason"] == "Forbidden"
    assert 'User "system:serviceaccount:default:robot" cannot list resource "pods"' in str(refused["message"])
    lab.run("kubectl create rolebinding robot --clusterrole=edit --serviceaccount=default:robot")
    assert asked(lab, "/api/v1/namespaces/default/pods")["kind"] == "PodList"


def test_what_a_pod_writes_is_written(lab: Simulation) -> None:
    lab.run("kubectl create rolebinding robot --clusterrole=edit --serviceaccount=default:robot")
    body = '{\\"metadata\\":{\\"name\\":\\"made\\"}}'
    made = asked(
        lab,
        "/api/v1/namespaces/default/configmaps",
        "-X POST",
        '-H "Content-Type: application/json"',
        f'-d "{body}"',
    )
    assert made["kind"] == "ConfigMap"
    assert lab.run("kubectl get configmap made").code == 0


def test_without_a_token_one_is_anonymous_and_with_a_wrong_one_nobody(lab: Simulation) -> None:
    url = "https://kubernetes.default.svc/api/v1/nodes"
    anonymous = lab.run(f"kubectl exec asks -- curl -sk {url}").stdout
    assert 'User \\"system:anonymous\\" cannot list resource' in anonymous
    wrong = lab.run(f"kubectl exec asks -- curl -sk -H 'Authorization: Bearer wrong' {url}").stdout
    assert json.loads(wrong)["code"] == 401
