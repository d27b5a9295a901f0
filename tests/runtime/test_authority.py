"""The lab's certificate authority: the same for the same seed, and a signer of what was approved."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


def request_for(name: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    asked = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return asked.public_bytes(serialization.Encoding.PEM)


def test_every_namespace_gets_the_authoritys_certificate() -> None:
    lab = Simulation.create(LabSettings(workers=1))
    bundle = (lab.store.get("configmaps", "default", "kube-root-ca.crt") or {})["data"]["ca.crt"]
    assert x509.load_pem_x509_certificate(bundle.encode()).subject.rfc4514_string() == "CN=kubernetes"
    assert bundle == (lab.store.get("configmaps", "kube-system", "kube-root-ca.crt") or {})["data"]["ca.crt"]


def test_an_approved_request_gets_a_certificate_of_the_lab() -> None:
    lab = Simulation.create(LabSettings(workers=1))
    bundle = (lab.store.get("configmaps", "default", "kube-root-ca.crt") or {})["data"]["ca.crt"]
    lab.write_files({"ada.csr": request_for("ada").decode()})
    lab.run(
        "kubectl apply -f - <<EOF\n"
        "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {name: ada}\n"
        "spec:\n  signerName: kubernetes.io/kube-apiserver-client\n  usages: [client auth]\n"
        "  request: $(base64 -w0 ada.csr)\nEOF"
    )
    lab.run("kubectl certificate approve ada")
    lab.settle()
    text = lab.run("kubectl get csr ada -o jsonpath='{.status.certificate}' | base64 -d").stdout
    certificate = x509.load_pem_x509_certificate(text.encode())
    assert certificate.subject.rfc4514_string() == "CN=ada"
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(bundle.encode()))


def test_the_administrator_is_known_by_the_fingerprint_of_a_certificate() -> None:
    lab = Simulation.create(LabSettings(workers=0))
    same = Simulation.create(LabSettings(workers=0))
    said = lab.run("kubectl auth whoami").stdout
    assert "Extra: authentication.kubernetes.io/credential-id   [X509SHA256=" in said
    assert said == same.run("kubectl auth whoami").stdout


def test_extension_servers_find_the_authority_in_kube_system() -> None:
    lab = Simulation.create(LabSettings(workers=0))
    data = (lab.store.get("configmaps", "kube-system", "extension-apiserver-authentication") or {})["data"]
    root = (lab.store.get("configmaps", "default", "kube-root-ca.crt") or {})["data"]["ca.crt"]
    assert data["client-ca-file"] == root and data["requestheader-username-headers"] == '["X-Remote-User"]'
