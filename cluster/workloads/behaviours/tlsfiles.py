"""A server's certificate from the files it was given, read as Go's tls.LoadX509KeyPair reads them."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from cluster.workloads.files import FileError
from cluster.workloads.process import Call


class NoCertificate(Exception):
    """The pair cannot be used; the text is Go's."""


def key_pair(call: Call, certificate: str, key: str) -> str:
    """Return the certificate chain at path `certificate` as PEM; NoCertificate when it does not go with `key`."""
    chain, private = _read(call, certificate), _read(call, key)
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
    except ValueError:
        raise NoCertificate("tls: failed to find any PEM data in certificate input") from None
    try:
        own = load_pem_private_key(private, None).public_key()
    except (ValueError, TypeError):
        raise NoCertificate("tls: failed to find any PEM data in key input") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own.public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise NoCertificate("tls: private key does not match public key")
    return chain.decode("utf-8", "replace")


def _read(call: Call, path: str) -> bytes:
    try:
        return call.place.files.read(path)
    except FileError as fault:
        raise NoCertificate(f"open {path}: {str(fault).lower()}") from None
