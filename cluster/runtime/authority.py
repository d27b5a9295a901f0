"""The lab's own certificate authority, `kubernetes`: the bundle in kube-root-ca.crt and in every pod's token volume.

Drawn from the lab's seed, signatures included, so that a run can be repeated byte for byte. The
certificate that a real kubectl meets is the server's own, not this one.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from cluster.machinery.ids import Ids

TEN_YEARS = timedelta(days=3650)
_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=True,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@lru_cache(maxsize=64)
def root_certificate(seed: int, start: float) -> str:
    """Return the authority's certificate as PEM, valid from the lab's first hour."""
    ids = Ids(seed)
    key = ec.derive_private_key(int.from_bytes(ids.token(31, "ca"), "big"), ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    began = datetime.fromtimestamp(start // 3600 * 3600, timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(ids.token(8, "ca serial"), "big"))
        .not_valid_before(began)
        .not_valid_after(began + TEN_YEARS)
        .add_extension(_KEY_USAGE, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("kubernetes")]), critical=False)
    )
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(Encoding.PEM).decode()
