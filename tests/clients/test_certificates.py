"""Real kubectl over mutual TLS: certificates of the lab's own authority count, all others count for nothing."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cluster.management.bench.process import LabServer
from tests.clients.conftest import Kubectl, versioned
from tests.clients.test_kubectl import until

pytestmark = pytest.mark.clients
LOGGED_OUT = "You must be logged in to the server"


class Person:
    """A key and what is made of it."""

    def __init__(self, name: str, group: str = ""):
        self.key = ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group)] if group else []
        self.subject = x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def request(self) -> str:
        asked = x509.CertificateSigningRequestBuilder().subject_name(self.subject).sign(self.key, hashes.SHA256())
        return base64.b64encode(asked.public_bytes(Encoding.PEM)).decode()

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def self_signed(self, like: x509.Certificate) -> bytes:
        builder = x509.CertificateBuilder().subject_name(self.subject).issuer_name(like.issuer)
        builder = builder.public_key(self.key.public_key()).serial_number(7)
        builder = builder.not_valid_before(like.not_valid_before_utc).not_valid_after(like.not_valid_after_utc)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def kubeconfig(model: Path, folder: Path, certificate: bytes, key: bytes) -> Path:
    """Return a kubeconfig for the same lab whose only user brings a certificate."""
    document: Any = yaml.safe_load(model.read_text())
    user = {"client-certificate-data": certificate, "client-key-data": key}
    document["users"][0]["user"] = {name: base64.b64encode(value).decode() for name, value in user.items()}
    path = folder / "certified"
    path.write_text(yaml.safe_dump(document))
    return path


def asked(kubectl: Kubectl, config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return Kubectl(kubectl.path, config, kubectl.namespace).try_(*words)


def approved(kubectl: Kubectl, person: Person, name: str) -> bytes:
    kubectl(
        "create",
        "-f",
        "-",
        stdin=yaml.safe_dump(
            {
                "apiVersion": "certificates.k8s.io/v1",
                "kind": "CertificateSigningRequest",
                "metadata": {"name": name},
                "spec": {
                    "request": person.request(),
                    "signerName": "kubernetes.io/kube-apiserver-client",
                    "usages": ["client auth"],
                },
            }
        ),
    )
    kubectl("certificate", "approve", name)
    path = "jsonpath={.status.certificate}"
    until(lambda: bool(kubectl("get", "csr", name, "-o", path)))
    return base64.b64decode(kubectl("get", "csr", name, "-o", path))


@pytest.fixture(scope="module")
def newest(lab_config: Path) -> Kubectl:
    return versioned("1.33", lab_config, "certificates")


def test_a_certificate_the_lab_has_signed_is_its_subject(newest: Kubectl, tmp_path: Path) -> None:
    person = Person("alice", "dev")
    certificate = approved(newest, person, "alice")
    config = kubeconfig(newest.config, tmp_path, certificate, person.key_pem())
    told = asked(newest, config, "auth", "whoami").stdout
    assert "alice" in told and "[dev system:authenticated]" in told
    refused = asked(newest, config, "get", "nodes")
    assert 'User "alice" cannot list resource "nodes"' in refused.stderr


def test_a_forged_certificate_counts_for_nothing(newest: Kubectl, tmp_path: Path) -> None:
    person = Person("mallory")
    like = x509.load_pem_x509_certificate(approved(newest, person, "mallory"))
    forger = Person("kubernetes-admin", "system:masters")
    config = kubeconfig(newest.config, tmp_path, forger.self_signed(like), forger.key_pem())
    assert LOGGED_OUT in asked(newest, config, "get", "pods").stderr


def test_a_certificate_of_one_lab_is_none_in_another(newest: Kubectl, lab_server: LabServer, tmp_path: Path) -> None:
    person = Person("alice", "system:nodes")
    certificate = approved(newest, person, "elsewhere")
    other = lab_server.create_lab("other", "--instant")
    config = kubeconfig(other, tmp_path, certificate, person.key_pem())
    assert LOGGED_OUT in asked(newest, config, "get", "pods").stderr
