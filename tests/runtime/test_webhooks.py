"""Webhooks answered by servers that run in the lab: what a learner sees when they work, refuse and fail."""

from __future__ import annotations

import pytest

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from tests.certificates import TestAuthority
from tests.runtime.webhooks import config_map, configure, encoded, hook, serve, shown


@pytest.fixture
def lab() -> Simulation:
    made = Simulation.create(LabSettings(instant=True))
    serve(made)
    return made


def test_agnhost_refuses_unwanted_data(lab: Simulation) -> None:
    configure(lab, hook("/configmaps"))
    assert config_map(lab, "good", colour="red").stdout == "configmap/good created\n"
    refused = config_map(lab, "bad", webhook_e2e_test="webhook-disallow")
    assert refused.stderr == (
        'error: failed to create configmap: admission webhook "check.example.com" denied the request: '
        "the configmap contains unwanted key and value\n"
    )
    assert "handling request: " in lab.run("kubectl logs deploy/hooks").stdout


def test_agnhost_changes_what_is_created(lab: Simulation) -> None:
    configure(lab, hook("/mutating-configmaps", name="mutate.example.com"), mutating=True)
    config_map(lab, "staged", mutation_start="yes")
    assert shown(lab, "configmap", "staged")["data"] == {"mutation-start": "yes", "mutation-stage-1": "yes"}


def test_a_slow_server_is_not_waited_for(lab: Simulation) -> None:
    configure(lab, hook("/always-allow-delay-5s", timeoutSeconds=1))
    assert config_map(lab).stderr.endswith(
        'failed to call webhook: Post "https://hooks.default.svc:443/always-allow-delay-5s?timeout=1s": '
        "context deadline exceeded\n"
    )


def test_no_pod_behind_the_service_refuses_the_connection(lab: Simulation) -> None:
    configure(lab, hook("/configmaps"))
    lab.run("kubectl scale deployment hooks --replicas=0")
    lab.settle()
    address = shown(lab, "service", "hooks")["spec"]["clusterIP"]
    assert config_map(lab).stderr == (
        'error: failed to create configmap: Internal error occurred: failed calling webhook "check.example.com": '
        'failed to call webhook: Post "https://hooks.default.svc:443/configmaps?timeout=10s": '
        f"dial tcp {address}:443: connect: connection refused\n"
    )
    configuration = "validatingwebhookconfiguration/config"
    lab.run(
        f"kubectl patch {configuration} --type=json "
        """-p '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]'"""
    )
    assert config_map(lab).stdout == "configmap/settings created\n"


def test_a_bundle_of_another_authority_is_refused(lab: Simulation) -> None:
    bundle = encoded(TestAuthority("stranger").pem)
    client = {"service": {"name": "hooks", "namespace": "default", "path": "/configmaps"}, "caBundle": bundle}
    configure(lab, hook("/configmaps", clientConfig=client))
    assert "x509: certificate signed by unknown authority" in config_map(lab).stderr


def test_a_certificate_for_another_name_is_refused(lab: Simulation) -> None:
    serve(lab, "other", host="elsewhere.default.svc")
    configure(lab, hook("/configmaps", service="other"))
    assert config_map(lab).stderr.endswith(
        "x509: certificate is valid for elsewhere.default.svc, not other.default.svc\n"
    )


def test_a_server_that_speaks_no_tls_is_told_apart(lab: Simulation) -> None:
    lab.run("kubectl create deployment plain --image=nginx")
    lab.run("kubectl expose deployment plain --port=443 --target-port=80")
    lab.settle()
    configure(lab, hook("/", service="plain"))
    assert config_map(lab).stderr.endswith("http: server gave HTTP response to HTTPS client\n")


def test_a_webhook_on_pods_meets_the_controllers_too(lab: Simulation) -> None:
    rule = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    configure(lab, hook("/always-deny", rules=[rule]))
    lab.run("kubectl create deployment web --image=nginx")
    lab.settle()
    events = lab.run("kubectl get events --field-selector reason=FailedCreate").stdout
    assert 'admission webhook "check.example.com" denied the request: this webhook denies all requests' in events


def test_a_server_without_its_certificate_does_not_start(lab: Simulation) -> None:
    lab.run(
        "kubectl run broken --image=registry.k8s.io/e2e-test-images/agnhost:2.53 --restart=Never -- "
        "webhook --tls-cert-file=/none.crt --tls-private-key-file=/none.key"
    )
    lab.settle()
    assert lab.run("kubectl logs broken").stdout.endswith("open /none.crt: no such file or directory\n")
