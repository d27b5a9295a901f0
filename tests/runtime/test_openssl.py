"""openssl in the terminal and on machines: what it makes, a real library reads; what it signs, it verifies."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


@pytest.fixture
def lab() -> Simulation:
    return Simulation.create(LabSettings(workers=-1))


def text(lab: Simulation, name: str) -> bytes:
    return lab.run(f"cat {name}").stdout.encode()


def test_a_request_holds_the_name_and_the_public_half_of_its_key(lab: Simulation) -> None:
    lab.run("openssl genrsa -out jane.key 2048")
    lab.run("openssl req -new -key jane.key -subj /O=devs/O=auditors/CN=jane -out jane.csr")
    key = load_pem_private_key(text(lab, "jane.key"), None)
    request = x509.load_pem_x509_csr(text(lab, "jane.csr"))
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    assert key.public_key().key_size == 2048  # type: ignore[union-attr]
    assert lab.run("openssl req -in jane.csr -noout -subject").stdout == "subject=O=devs, O=auditors, CN=jane\n"


def test_the_same_seed_and_commands_make_the_same_key_and_another_moment_another(lab: Simulation) -> None:
    twin = lab.fork()
    for each in (lab, twin):
        each.run("openssl genrsa -out a.key 1024")
    assert text(lab, "a.key") == text(twin, "a.key")
    lab.advance(1)
    lab.run("openssl genrsa -out a.key 1024")
    assert text(lab, "a.key") != text(twin, "a.key")


def test_an_authority_of_ones_own_signs_and_what_it_did_not_sign_is_refused(lab: Simulation) -> None:
    lab.run("openssl req -x509 -newkey ec -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=my-ca")
    lab.run("openssl req -new -newkey rsa:1024 -nodes -keyout web.key -out web.csr -subj /CN=web.shop.svc")
    signed = lab.run("openssl x509 -req -in web.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 10 -out web.crt")
    assert signed.stderr == "Certificate request self-signature ok\nsubject=CN=web.shop.svc\n"
    assert lab.run("openssl verify -CAfile ca.crt web.crt").stdout == "web.crt: OK\n"
    lab.run("openssl req -x509 -newkey ec -nodes -keyout other.key -out other.crt -subj /CN=other")
    refused = lab.run("openssl verify -CAfile other.crt web.crt")
    assert refused.code == 2
    assert "error 20 at 0 depth lookup: unable to get local issuer certificate" in refused.stderr


def test_a_certificate_ends_on_the_labs_own_clock(lab: Simulation) -> None:
    lab.run("openssl req -x509 -newkey ec -nodes -keyout ca.key -out ca.crt -days 1 -subj /CN=my-ca")
    shown = lab.run("openssl x509 -in ca.crt -noout -dates").stdout
    assert shown == "notBefore=Jan  1 00:00:00 2026 GMT\nnotAfter=Jan  2 00:00:00 2026 GMT\n"
    assert lab.run("openssl verify -CAfile ca.crt ca.crt").code == 0
    assert lab.run("openssl x509 -in ca.crt -noout -checkend 3600").code == 0
    lab.advance(86401)
    assert (
        "error 10 at 0 depth lookup: certificate has expired" in lab.run("openssl verify -CAfile ca.crt ca.crt").stderr
    )


def test_a_certificate_is_spelled_out_from_a_pipe_as_from_a_file(lab: Simulation) -> None:
    names = "subjectAltName=DNS:web.shop,IP:10.0.0.1"
    lab.run(f"openssl req -x509 -newkey ec -nodes -keyout k -out c -subj /CN=web -addext {names}")
    shown = lab.run("cat c | openssl x509 -noout -text").stdout
    assert "        Subject: CN=web\n" in shown
    assert "                DNS:web.shop, IP Address:10.0.0.1\n" in shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("openssl nothing", "Invalid command 'nothing'; type \"help\" for a list.\n"),
        ("openssl x509 -in none.crt -noout", "Could not open file or uri for loading certificate from none.crt: "),
        ("openssl req -new -newkey ec -keyout k -out r", "req: -subj is needed"),
        ("echo no | openssl x509 -noout", "Could not find certificate from <stdin>\n"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(lab: Simulation, line: str, said: str) -> None:
    outcome = lab.run(line)
    assert outcome.code == 1
    assert outcome.stderr.startswith(said)
