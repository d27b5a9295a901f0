"""`-text`: requests and certificates spelled out, in openssl's indentation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cluster.shell.programs.openssl.files import spelled

_PURPOSES = {"clientAuth": "TLS Web Client Authentication", "serverAuth": "TLS Web Server Authentication"}
_USES = (
    ("digital_signature", "Digital Signature"),
    ("key_encipherment", "Key Encipherment"),
    ("key_cert_sign", "Certificate Sign"),
    ("crl_sign", "CRL Sign"),
)


def certificate_text(found: x509.Certificate) -> str:
    serial = found.serial_number.to_bytes((found.serial_number.bit_length() + 7) // 8 or 1, "big").hex(":")
    lines = [
        "Certificate:",
        "    Data:",
        "        Version: 3 (0x2)",
        "        Serial Number:",
        f"            {serial}",
        f"        Signature Algorithm: {_algorithm(found)}",
        f"        Issuer: {spelled(found.issuer)}",
        "        Validity",
        f"            Not Before: {moment(found.not_valid_before_utc.timestamp())}",
        f"            Not After : {moment(found.not_valid_after_utc.timestamp())}",
        f"        Subject: {spelled(found.subject)}",
        *_public_key(found.public_key()),
        *_extensions("X509v3 extensions:", found.extensions),
        f"    Signature Algorithm: {_algorithm(found)}",
        "    Signature Value:",
        *_block(found.signature, 8, 18),
    ]
    return "\n".join(lines) + "\n"


def request_text(found: x509.CertificateSigningRequest) -> str:
    lines = [
        "Certificate Request:",
        "    Data:",
        "        Version: 1 (0x0)",
        f"        Subject: {spelled(found.subject)}",
        *_public_key(found.public_key()),
        "        Attributes:",
        *(_extensions("    Requested Extensions:", found.extensions) or ["            (none)"]),
        f"    Signature Algorithm: {_algorithm(found)}",
        "    Signature Value:",
        *_block(found.signature, 8, 18),
    ]
    return "\n".join(lines) + "\n"


def moment(seconds: float) -> str:
    """Return a time as `Jan  1 00:00:00 2026 GMT`."""
    found = datetime.fromtimestamp(seconds, timezone.utc)
    return f"{found:%b} {found.day:2d} {found:%H:%M:%S %Y} GMT"


def _algorithm(found: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return "sha256WithRSAEncryption" if "RSA" in found.signature_algorithm_oid._name else "ecdsa-with-SHA256"


def _public_key(key: object) -> Iterator[str]:
    yield "        Subject Public Key Info:"
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        yield "            Public Key Algorithm: rsaEncryption"
        yield f"                Public-Key: ({key.key_size} bit)"
        yield "                Modulus:"
        yield from _block(b"\0" + numbers.n.to_bytes(key.key_size // 8, "big"), 20, 15)
        yield f"                Exponent: {numbers.e} ({numbers.e:#x})"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        yield "            Public Key Algorithm: id-ecPublicKey"
        yield f"                Public-Key: ({key.key_size} bit)"
        yield f"                ASN1 OID: {'prime256v1' if key.curve.name == 'secp256r1' else key.curve.name}"


def _block(data: bytes, indent: int, width: int) -> Iterator[str]:
    for start in range(0, len(data), width):
        more = ":" if start + width < len(data) else ""
        yield " " * indent + data[start : start + width].hex(":") + more


def _extensions(head: str, found: x509.Extensions) -> list[str]:
    lines = [f"        {head}"] if len(found) else []
    for one in found:
        words = _spelled(one.value)
        if words:
            lines += [
                f"            {words[0]}: {'critical' if one.critical else ''}".rstrip(),
                f"                {words[1]}",
            ]
    return lines


def _spelled(value: x509.ExtensionType) -> tuple[str, str] | None:
    if isinstance(value, x509.BasicConstraints):
        return "X509v3 Basic Constraints", f"CA:{'TRUE' if value.ca else 'FALSE'}"
    if isinstance(value, x509.KeyUsage):
        return "X509v3 Key Usage", ", ".join(word for field, word in _USES if getattr(value, field))
    if isinstance(value, x509.ExtendedKeyUsage):
        return "X509v3 Extended Key Usage", ", ".join(_PURPOSES.get(one._name, one.dotted_string) for one in value)
    if isinstance(value, x509.SubjectAlternativeName):
        return "X509v3 Subject Alternative Name", ", ".join(_alternative(one) for one in value)
    return None


def _alternative(one: x509.GeneralName) -> str:
    return f"IP Address:{one.value}" if isinstance(one, x509.IPAddress) else f"DNS:{one.value}"
