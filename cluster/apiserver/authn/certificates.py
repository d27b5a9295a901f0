"""X.509 client certificates: signed by the authority of `--client-ca-file`, valid now, made out for clients.

The common name is the user, each organisation a group; the certificate's fingerprint is the credential's id.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.apiserver import servercert
from cluster.apiserver.authn.credentials import Credentials, Rejected
from cluster.apiserver.request import User

CREDENTIAL = "authentication.kubernetes.io/credential-id"
_UID = x509.ObjectIdentifier("1.3.6.1.4.1.57683.2")
_PURPOSES = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
_KEPT = 256
Found = tuple[User | None, float, float]


class ClientCertificates:
    """The authenticator. `roots` are the authorities it trusts, as PEM; `now` is the lab's clock."""

    name = "x509"

    def __init__(self, roots: str, now: Callable[[], float]):
        self._pem = roots
        self._now = now
        self._known: dict[x509.Certificate, Found] = {}

    @cached_property
    def _roots(self) -> list[x509.Certificate]:
        return servercert.read(self._pem)

    def user(self, given: Credentials) -> User | None:
        if not given.certificates:
            return None
        leaf, now = given.certificates[0], self._now()
        known = self._known.get(leaf)
        if known is None or not known[1] <= now <= known[2]:
            known = self._judged(given.certificates, now)
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[leaf] = known
        return known[0]

    def _judged(self, chain: tuple[x509.Certificate, ...], now: float) -> Found:
        """Return the user and between when that holds; a certificate is looked at once."""
        why = servercert.distrust(chain, self._roots, now)
        if not why and not _is_for_clients(chain[0]):
            why = "certificate specifies an incompatible key usage"
        if why:
            raise Rejected(f"verifying certificate {_identifier(chain[0])} failed: x509: {why}")
        leaf = chain[0]
        return subject(leaf), leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()


def _is_for_clients(leaf: x509.Certificate) -> bool:
    try:
        usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return any(purpose in _PURPOSES for purpose in usage)


def _identifier(leaf: x509.Certificate) -> str:
    numbers = f"SN={leaf.serial_number}"
    return f"{numbers}, SKID={_key_id(leaf)}, AKID={_issuer_id(leaf)}"


def _key_id(leaf: x509.Certificate) -> str:
    try:
        digest = leaf.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return ""
    return digest.hex(":").upper()


def _issuer_id(leaf: x509.Certificate) -> str:
    try:
        digest = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        return ""
    return (digest or b"").hex(":").upper()


def subject(leaf: x509.Certificate) -> User | None:
    """Return the user a certificate names; None for one without a common name."""
    names = _values(leaf, NameOID.COMMON_NAME)
    if not names:
        return None
    groups = tuple(_values(leaf, NameOID.ORGANIZATION_NAME))
    uids = _values(leaf, _UID)
    extra = {CREDENTIAL: (f"X509SHA256={leaf.fingerprint(hashes.SHA256()).hex()}",)}
    return User(names[0], groups, uids[0] if uids else "", extra)


def _values(leaf: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(one.value) for one in leaf.subject.get_attributes_for_oid(oid) if one.value]
