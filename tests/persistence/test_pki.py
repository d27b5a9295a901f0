"""Certificates that strict verifiers accept."""

from __future__ import annotations

import ssl
from pathlib import Path

from cryptography.x509.oid import NameOID

from cluster.persistence.pki import authority


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Let two contexts meet in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                continue


def test_a_strict_client_trusts_the_listener(tmp_path: Path) -> None:
    authority(tmp_path).server(["10.1.2.3", "lab.example"])
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "pki" / "server.crt", tmp_path / "pki" / "server.key")
    for name in ("10.1.2.3", "lab.example", "127.0.0.1", "localhost"):
        client = ssl.create_default_context(cafile=str(tmp_path / "pki" / "ca.crt"))
        client.verify_flags |= ssl.VERIFY_X509_STRICT
        shake_hands(client, server, name)


def test_the_same_names_keep_the_certificate_and_new_ones_renew_it(tmp_path: Path) -> None:
    first = authority(tmp_path).server(["10.1.2.3"]).certificate
    assert authority(tmp_path).server(["10.1.2.3"]).certificate == first
    assert authority(tmp_path).server(["10.9.9.9"]).certificate != first


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    authority(tmp_path).server([])
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "pki").glob("*.key")} == {0o600}


def test_a_client_certificate_names_user_and_groups(tmp_path: Path) -> None:
    subject = authority(tmp_path).client("ada", ["dev", "ops"]).certificate.subject
    assert [one.value for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["ada"]
    assert {one.value for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)} == {"dev", "ops"}
