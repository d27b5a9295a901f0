"""Who the learner's kubectl is: what the kubeconfig in use says, judged by the API server."""

from __future__ import annotations

import base64

import pytest

from cluster.apiserver.launch import Launch
from cluster.machinery.ids import Ids
from cluster.runtime import kubeconfigs
from cluster.runtime.authority import Authority
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

CA = "/etc/kubernetes/pki/ca.crt"
TOKENS = "/etc/kubernetes/pki/tokens.csv"
LOGGED_OUT = "error: You must be logged in to the server (Unauthorized)\n"


@pytest.fixture(scope="module")
def lab() -> Simulation:
    made = Simulation.create(LabSettings(workers=0, instant=True))
    argv = ["--authorization-mode=Node,RBAC", f"--client-ca-file={CA}", f"--token-auth-file={TOKENS}"]
    files = {CA: made.server.roots, TOKENS: 's3cret,bob,1001,"dev"\n'}
    made.server.start(Launch.of({"argv": argv, "files": files}))
    return made


def config_of(authority: Authority, user: str, roots: str) -> str:
    certificate, key = authority.client(user)
    return kubeconfigs.text(user, roots, certificate, key)


def test_the_administrator_brings_a_certificate(lab: Simulation) -> None:
    told = lab.run("kubectl config view --raw -o jsonpath='{.users[0].user.client-certificate-data}'").stdout
    assert base64.b64decode(told).startswith(b"-----BEGIN CERTIFICATE-----")
    assert "kubernetes-admin" in lab.run("kubectl auth whoami").stdout


def test_a_context_with_another_user_is_that_user(lab: Simulation) -> None:
    lab.run("kubectl config set-credentials bob --token=s3cret")
    lab.run("kubectl config set-context bob --cluster=kubernetes --user=bob")
    assert "Groups      [dev system:authenticated]" in lab.run("kubectl --context bob auth whoami").stdout
    assert 'User "bob" cannot list resource "pods"' in lab.run("kubectl --context bob get pods").stderr
    assert 'User "bob" cannot impersonate resource "users"' in lab.run("kubectl --user bob --as=x get pods").stderr


def test_a_wrong_token_is_logged_out_and_remembered(lab: Simulation) -> None:
    lab.run("kubectl config set-credentials nobody --token=wrong")
    assert lab.run("kubectl --user nobody get pods").stderr == LOGGED_OUT
    assert "✘ Authentication" in lab.run("lab why").stdout
    assert lab.run("kubectl --user nobody config current-context").code == 0


def test_a_token_file_is_read_each_time(lab: Simulation) -> None:
    lab.write_files({"token": "s3cret\n", "by-file": kubeconfigs.text("carol", lab.server.roots, "", "")})
    lab.run("kubectl --kubeconfig by-file config unset users.carol.client-certificate-data")
    lab.run("kubectl --kubeconfig by-file config set users.carol.tokenFile /home/learner/token")
    assert "Username    bob" in lab.run("kubectl --kubeconfig by-file auth whoami").stdout
    lab.run("echo changed > token")
    assert lab.run("kubectl --kubeconfig by-file auth whoami").stderr == LOGGED_OUT


def test_a_service_account_token_speaks_for_its_account(lab: Simulation) -> None:
    lab.run("kubectl config set-credentials robot --token=$(kubectl create token default)")
    assert "system:serviceaccount:default:default" in lab.run("kubectl --user robot auth whoami").stdout


def test_a_certificate_of_another_authority_is_logged_out(lab: Simulation) -> None:
    stranger = Authority(Ids(99), lab.settings.start, lab.clock)
    lab.write_files({"foreign": config_of(stranger, "kubernetes-admin", lab.server.roots)})
    assert lab.run("kubectl --kubeconfig foreign get pods").stderr == LOGGED_OUT


def test_a_server_of_another_authority_is_not_trusted(lab: Simulation) -> None:
    stranger = Authority(Ids(99), lab.settings.start, lab.clock)
    lab.write_files({"astray": config_of(lab.parts.authority, "ada", stranger.certificate())})
    assert "tls: failed to verify certificate: x509: certificate signed by unknown authority" in (
        lab.run("kubectl --kubeconfig astray get pods").stderr
    )
    assert 'User "ada" cannot list' in (
        lab.run("kubectl --kubeconfig astray --insecure-skip-tls-verify get pods").stderr
    )


def test_a_key_must_be_the_certificates_own(lab: Simulation) -> None:
    authority = lab.parts.authority
    text = kubeconfigs.text("ada", lab.server.roots, authority.client("ada")[0], authority.client("bob")[1])
    lab.write_files({"mixed": text})
    assert lab.run("kubectl --kubeconfig mixed get pods").stderr == (
        "error: tls: private key does not match public key\n"
    )


def test_a_missing_certificate_file_is_named(lab: Simulation) -> None:
    lab.run("kubectl config set-credentials gone --client-certificate=/tmp/gone.crt --client-key=/tmp/gone.key")
    assert lab.run("kubectl --user gone get pods").stderr == (
        "error: invalid configuration: [unable to read client-cert /tmp/gone.crt for gone due to open "
        "/tmp/gone.crt: no such file or directory, unable to read client-key /tmp/gone.key for gone due to open "
        "/tmp/gone.key: no such file or directory]\n"
    )


def test_without_a_kubeconfig_there_is_no_server(lab: Simulation) -> None:
    assert lab.run("KUBECONFIG=/tmp/none kubectl get pods").stderr == (
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n"
    )


def test_the_machine_holds_the_keys_the_cluster_is_made_of() -> None:
    lab = Simulation.create(LabSettings(workers=0))
    root = (lab.store.get("configmaps", "default", "kube-root-ca.crt") or {})["data"]["ca.crt"]
    assert lab.run(f"ssh cp-1 cat {CA}").stdout == root
    names = lab.run("ssh cp-1 ls /etc/kubernetes/pki /etc/kubernetes").stdout.split()
    assert {"ca.key", "apiserver.crt", "sa.key", "sa.pub", "admin.conf", "kubelet.conf"} <= set(names)
    lab.run("ssh cp-1 cat /etc/kubernetes/scheduler.conf > scheduler.conf")
    assert "system:kube-scheduler" in lab.run("kubectl --kubeconfig scheduler.conf auth whoami").stdout
