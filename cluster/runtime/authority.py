"""The lab's own certificate authority, `kubernetes`: kube-root-ca.crt, and the signer of approved requests.

Drawn from the lab's seed and keyring, signatures included, so that a run can be repeated byte for byte. The
certificate that a real kubectl meets is the server's own, not this one. Keys are ECDSA P-256, as kubeadm makes
them with `encryptionAlgorithm: ECDSA-P256`; RSA ones take too long to make.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.apiserver.authn.tokens import TokenIssuer
from cluster.machinery.clock import Clock
from cluster.machinery.ids import Ids

TEN_YEARS = timedelta(days=3650)
ONE_YEAR = timedelta(days=365)
SKEW = timedelta(minutes=5)
PURPOSES = {"client auth": ExtendedKeyUsageOID.CLIENT_AUTH, "server auth": ExtendedKeyUsageOID.SERVER_AUTH}


class Authority:
    """The CA of one lab, valid from the hour the lab began in. `keyring` is what makes its keys a secret."""

    def __init__(self, ids: Ids, start: float, clock: Clock, keyring: str = ""):
        self._ids = ids
        self._keyring = (keyring,) if keyring else ()
        self._start = datetime.fromtimestamp(start // 3600 * 3600, timezone.utc)
        self._clock = clock
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return self.key("ca")

    def key(self, *words: str) -> ec.EllipticCurvePrivateKey:
        """Return the key drawn for these words: always the same."""
        drawn = self._ids.token(31, *words, *self._keyring)
        return ec.derive_private_key(int.from_bytes(drawn, "big"), ec.SECP256R1())

    def certificate(self) -> str:
        """Return the authority's own certificate as PEM."""
        builder = (
            self._builder(self._name, "ca", self._start, self._start + TEN_YEARS)
            .public_key(self._key.public_key())
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("kubernetes")]), critical=False)
        )
        return self._signed(builder).decode()

    def authority_key(self) -> str:
        """Return the authority's own key as PEM."""
        return key_pem(self._key)

    def client(self, user: str, *groups: str) -> tuple[str, str]:
        """Return (certificate, key) as PEM: the client certificate that kubeadm makes for `user`."""
        return self._issued(f"client {user}", self.key("client", user), _subject(user, groups), "client auth")

    def server(self, name: str, hosts: Sequence[str]) -> tuple[str, str]:
        """Return (certificate, key) as PEM: that of a server called `name`, good for these hosts."""
        extra = x509.SubjectAlternativeName([alternative(host) for host in hosts])
        return self._issued(f"server {name}", self.key("server", name), _subject(name), "server auth", extra)

    def _issued(
        self,
        word: str,
        key: ec.EllipticCurvePrivateKey,
        subject: x509.Name,
        purpose: str,
        *extensions: x509.ExtensionType,
    ) -> tuple[str, str]:
        builder = self._builder(subject, word, self._start, self._start + ONE_YEAR).public_key(key.public_key())
        builder = builder.add_extension(_key_usage(authority=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([PURPOSES[purpose]]), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return self._signed(builder).decode(), key_pem(key)

    def sign(self, request: bytes, usages: Sequence[str], seconds: int) -> bytes:
        """Return a PEM certificate for a PEM request; ValueError when it is none, or its signature is wrong."""
        asked = x509.load_pem_x509_csr(request)
        if not asked.is_signature_valid:
            raise ValueError("the request's signature is wrong")
        now = datetime.fromtimestamp(int(self._clock.now()), timezone.utc)
        purposes = [PURPOSES[usage] for usage in usages if usage in PURPOSES]
        builder = (
            self._builder(asked.subject, request.hex(), now - SKEW, now - SKEW + timedelta(seconds=seconds))
            .public_key(asked.public_key())
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        return self._signed(builder)

    def _builder(self, subject: x509.Name, word: str, begin: datetime, end: datetime) -> x509.CertificateBuilder:
        serial = int.from_bytes(self._ids.token(16, "serial", word), "big") >> 1
        named = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).serial_number(serial)
        return named.not_valid_before(begin).not_valid_after(end)

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.PEM)


def account_tokens(ids: Ids, keyring: str = "") -> TokenIssuer:
    """Return what signs the lab's service-account tokens: sa.key."""
    return TokenIssuer(ids.token(32, "service-account-key", *((keyring,) if keyring else ())))


def key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def alternative(host: str) -> x509.GeneralName:
    """Return a host as a certificate names it."""
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subject(name: str, groups: Sequence[str] = ()) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
