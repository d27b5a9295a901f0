"""The data folder's own certificate authority and what it signs: the TLS listener's certificate and clients'.

Made at first start with ECDSA P-256 keys; the server's certificate is made anew when it does not
cover the address served or is about to end.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
CA_DAYS, CERTIFICATE_DAYS, RENEW_DAYS = 3650, 365, 30


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        plain = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


class Authority:
    """The certificate authority kept in one folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.pair = _stored(folder / "ca") or _store(folder / "ca", _self_signed("kubarium"))

    def server(self, hosts: Sequence[str]) -> Pair:
        """Return the listener's certificate for `hosts` and this machine's own names."""
        names = list(dict.fromkeys([*hosts, "localhost", "127.0.0.1", "::1", socket.gethostname(), "kubernetes"]))
        found = _stored(self.folder / "server")
        if found and _covers(found.certificate, names) and self._signed(found.certificate):
            return found
        return _store(self.folder / "server", self._issue([], "kubarium", names, ExtendedKeyUsageOID.SERVER_AUTH))

    def client(self, user: str, groups: Sequence[str]) -> Pair:
        """Return a client certificate: common name is the user, organisations are the groups."""
        return self._issue(groups, user, [], ExtendedKeyUsageOID.CLIENT_AUTH)

    def _signed(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.pair.certificate)
        except Exception:  # any reason it does not verify is a reason to make a new one
            return False
        return True

    def _issue(self, groups: Sequence[str], name: str, hosts: Sequence[str], usage: x509.ObjectIdentifier) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name, groups), self.pair.certificate.subject, key, CERTIFICATE_DAYS)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.pair.key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_alternative, hosts))), critical=False)
        return Pair(builder.sign(self.pair.key, hashes.SHA256()), key)


def authority(data: Path) -> Authority:
    return Authority(data / "pki")


def _name(common: str, organisations: Sequence[str] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, one) for one in organisations]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Return what strict verifiers (Python's among them) want to read in every certificate."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _self_signed(name: str) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), _name(name), key, CA_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _covers(certificate: x509.Certificate, hosts: Sequence[str]) -> bool:
    if certificate.not_valid_after_utc < datetime.now(timezone.utc) + RENEW_DAYS * DAY:
        return False
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return all(_alternative(host) in covered for host in hosts)


def _stored(path: Path) -> Pair | None:
    """Return the pair of `<path>.crt` and `<path>.key`, None where one is missing."""
    certificate, key = path.with_suffix(".crt"), path.with_suffix(".key")
    if not (certificate.exists() and key.exists()):
        return None
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{key} is no ECDSA key")
    return Pair(x509.load_pem_x509_certificate(certificate.read_bytes()), loaded)


def _store(path: Path, pair: Pair) -> Pair:
    handle = os.open(path.with_suffix(".key"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(pair.key_pem())
    path.with_suffix(".crt").write_bytes(pair.certificate_pem())
    return pair
