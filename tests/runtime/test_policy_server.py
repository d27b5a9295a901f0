"""A policy server in a lab: what a learner writes into its ConfigMap decides requests and who may do what."""

from __future__ import annotations

import base64

import pytest

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.authz.webhook import WebhookAuthorizer
from cluster.apiserver.launch import Launch
from cluster.apiserver.request import User
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from tests.runtime.webhooks import AUTHORITY, config_map, configure, hook, serve, shown

POLICY = """
validate:
- name: no-red
  when: object.data.?colour.orValue("") == "red"
  deny: red is taken
mutate:
- labels: {reviewed: "yes"}
authorize:
- when: user == "eve" && resource == "secrets"
  deny: no secrets for eve
- when: user == "ada"
  allow: ada may
"""


@pytest.fixture
def lab() -> Simulation:
    made = Simulation.create(LabSettings(instant=True))
    serve(made, "policy", image="kubarium/policy-server:1.0", args=(), config={"policy.yaml": POLICY})
    return made


def test_its_rules_judge_and_change_what_is_created(lab: Simulation) -> None:
    configure(lab, hook("/validate", service="policy"))
    configure(lab, hook("/mutate", service="policy", name="mutate.example.com"), mutating=True)
    assert (
        'admission webhook "check.example.com" denied the request: red is taken'
        in config_map(lab, "a", colour="red").stderr
    )
    config_map(lab, "b", colour="blue")
    assert shown(lab, "configmap", "b")["metadata"]["labels"] == {"reviewed": "yes"}
    log = lab.run("kubectl logs deploy/policy").stdout
    assert "rules: 1 validate, 1 mutate, 2 authorize from /etc/policy/policy.yaml" in log
    assert "validate CREATE configmaps default/a by kubernetes-admin: denied by no-red: red is taken" in log
    assert "mutate CREATE configmaps default/b by kubernetes-admin: changed by mutate[0]" in log


def test_a_changed_policy_takes_effect_and_a_broken_one_does_not(lab: Simulation) -> None:
    configure(lab, hook("/validate", service="policy"))

    def write(text: str) -> None:
        client = lab.client()
        current = lab.store.get("configmaps", "default", "policy-policy")
        assert current is not None
        configuration = "validatingwebhookconfigurations.admissionregistration.k8s.io"
        client.delete(configuration, "config")
        client.update("configmaps", {**current, "data": {"policy.yaml": text}})
        configure(lab, hook("/validate", service="policy"))
        lab.advance(120)

    write("validate: [{deny: nothing any more}]")
    assert "nothing any more" in config_map(lab).stderr
    write("validate: [{deni: oops}]")
    assert "nothing any more" in config_map(lab).stderr
    log = lab.run("kubectl logs deploy/policy").stdout
    assert 'error: the changed policy is not taken: validate[0]: unknown field "deni"' in log


def test_it_answers_who_may_do_what(lab: Simulation) -> None:
    roots = base64.b64encode(AUTHORITY.pem.encode()).decode()
    text = (
        "clusters: [{name: c, cluster: {server: 'https://policy.default.svc/authorize', "
        f"certificate-authority-data: {roots}}}}}]\n"
        "contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n"
    )
    argv = ["--authorization-webhook-config-file=/etc/authz.yaml", "--authorization-webhook-version=v1"]
    authorizer = WebhookAuthorizer(lab.server, Launch.of({"argv": argv, "files": {"/etc/authz.yaml": text}}))
    said = authorizer.decide(User("eve"), Asked("get", "", "secrets", "default"))
    assert (said.allowed, said.reason, said.error) == (False, "no secrets for eve", "")
    assert authorizer.decide(User("ada"), Asked("get", "", "secrets", "default")).allowed is True
    assert authorizer.decide(User("bob"), Asked("get", "", "pods", "default", "web")).allowed is None
    log = lab.run("kubectl logs deploy/policy").stdout
    assert "authorize get secrets default by eve: denied by authorize[0]: no secrets for eve" in log
    assert "authorize get pods default/web by bob: no opinion" in log


def test_it_makes_a_certificate_of_its_own_and_says_what_trusts_it(lab: Simulation) -> None:
    args, config = ("--self-signed=own.default.svc",), {"policy.yaml": "validate: [{deny: not today}]"}
    serve(lab, "own", image="kubarium/policy-server:1.0", args=args, config=config)
    log = lab.run("kubectl logs deploy/own").stdout
    bundle = log.partition("caBundle: ")[2].partition("\n")[0]
    client = {"service": {"name": "own", "namespace": "default", "path": "/validate"}, "caBundle": bundle}
    configure(lab, hook("/validate", clientConfig=client))
    assert config_map(lab).stderr.endswith("denied the request: not today\n")


def test_a_broken_policy_is_told_at_the_start(lab: Simulation) -> None:
    args = ("--self-signed=x.default.svc",)
    serve(
        lab, "broken", image="kubarium/policy-server:1.0", args=args, config={"policy.yaml": "validate: [{when: '('}]"}
    )
    log = lab.run("kubectl logs deploy/broken").stdout
    assert "error: policy /etc/policy/policy.yaml: validate[0].when: " in log
