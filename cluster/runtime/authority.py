"""The lab's own certificate authority, `kubernetes`: kube-root-ca.crt, and the signer of approved requests.

Drawn from the lab's seed, signatures included, so that a run can be repeated byte for byte. The
certificate that a real kubectl meets is the server's own, not this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.machinery.clock import Clock
from cluster.machinery.ids import Ids

TEN_YEARS = timedelta(days=3650)
CREDENTIAL_ID = "authentication.kubernetes.io/credential-id"  # the key of a user's `extra`
ONE_YEAR = timedelta(days=365)
SKEW = timedelta(minutes=5)
PURPOSES = {"client auth": ExtendedKeyUsageOID.CLIENT_AUTH, "server auth": ExtendedKeyUsageOID.SERVER_AUTH}


class Authority:
    """The CA of one lab, valid from the hour the lab began in."""

    def __init__(self, ids: Ids, start: float, clock: Clock):
        self._ids = ids
        self._start = datetime.fromtimestamp(start // 3600 * 3600, timezone.utc)
        self._clock = clock
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self._ids.token(31, "ca"), "big"), ec.SECP256R1())

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

    def credential(self, user: str, *groups: str) -> str:
        """Return the credential id of the client certificate that kubeadm makes for `user`: its fingerprint."""
        names = [*(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups),
                 x509.NameAttribute(NameOID.COMMON_NAME, user)]  # fmt: skip
        key = ec.derive_private_key(int.from_bytes(self._ids.token(31, "client", user), "big"), ec.SECP256R1())
        builder = self._builder(x509.Name(names), f"client {user}", self._start, self._start + ONE_YEAR)
        builder = builder.public_key(key.public_key()).add_extension(_key_usage(authority=False), critical=True)
        made = builder.sign(self._key, hashes.SHA256(), ecdsa_deterministic=True)
        return f"X509SHA256={made.fingerprint(hashes.SHA256()).hex()}"

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
