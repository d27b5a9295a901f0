"""Whether a server's certificate is to be trusted, decided and worded as Go's crypto/x509 does.

Looked at in Go's order: the leaf's dates, its names, then the way to one of the trusted authorities. Left out:
name constraints, key usages, path lengths and revocation. https://pkg.go.dev/crypto/x509#Certificate.Verify
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from cluster.machinery.clock import timestamp

_PREFIX = "tls: failed to verify certificate: x509: "
_UNKNOWN = "certificate signed by unknown authority"
Certificates = Sequence[x509.Certificate]


def read(pem: str) -> list[x509.Certificate]:
    """Return the certificates of a PEM text; none where it holds none."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        return []


def refusal(shown: str, roots: str, name: str, now: float) -> str:
    """Return why a client that trusts `roots` refuses a server called `name` that shows this chain; '' if not."""
    chain = read(shown)
    if not chain:
        return _PREFIX + _UNKNOWN
    why = _out_of_date(chain[0], now) or _wrong_name(chain[0], name) or _untrusted(chain, read(roots), now)
    return _PREFIX + why if why else ""


def distrust(chain: Certificates, roots: Certificates, now: float) -> str:
    """Return why none of `roots` vouches for the first of `chain` now; '' where one does."""
    return _out_of_date(chain[0], now) or _untrusted(chain, roots, now)


def _out_of_date(leaf: x509.Certificate, now: float) -> str:
    moment = datetime.fromtimestamp(now, timezone.utc)
    text = f"certificate has expired or is not yet valid: current time {timestamp(now)} is "
    if moment < leaf.not_valid_before_utc:
        return text + f"before {timestamp(leaf.not_valid_before_utc.timestamp())}"
    if moment > leaf.not_valid_after_utc:
        return text + f"after {timestamp(leaf.not_valid_after_utc.timestamp())}"
    return ""


def _wrong_name(leaf: x509.Certificate, name: str) -> str:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return "certificate relies on legacy Common Name field, use SANs instead"
    if _is_address(name):
        known = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
        if name in known:
            return ""
        if not known:
            return f"cannot validate certificate for {name} because it doesn't contain any IP SANs"
        return f"certificate is valid for {', '.join(known)}, not {name}"
    known = names.get_values_for_type(x509.DNSName)
    if any(_covers(pattern.lower(), name.lower()) for pattern in known):
        return ""
    if not known:
        return f"certificate is not valid for any names, but wanted to match {name}"
    return f"certificate is valid for {', '.join(known)}, not {name}"


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _covers(pattern: str, name: str) -> bool:
    if pattern.startswith("*."):
        return name.partition(".")[2] == pattern[2:]
    return pattern == name


def _untrusted(chain: Certificates, roots: Certificates, now: float) -> str:
    current, hint = chain[0], ""
    for _ in range(len(chain) + 1):
        if current in roots:
            return ""
        issuer, hint = _issuer(current, (*roots, *chain[1:]))
        if issuer is None:
            break
        if late := _out_of_date(issuer, now):
            return late
        if issuer in roots:
            return ""
        current = issuer
    return _UNKNOWN + hint


def _issuer(child: x509.Certificate, candidates: Certificates) -> tuple[x509.Certificate | None, str]:
    """Return who signed `child`, or Go's hint at the candidate that only bears the name."""
    hint = ""
    for one in candidates:
        if one.subject != child.issuer or one == child:
            continue
        try:
            child.verify_directly_issued_by(one)
        except (InvalidSignature, ValueError, TypeError):
            hint = _hint(one)
            continue
        return one, ""
    return None, hint


def _hint(candidate: x509.Certificate) -> str:
    named = [str(one.value) for one in candidate.subject if one.oid == x509.NameOID.COMMON_NAME]
    whose = named[0] if named else f"serial:{candidate.serial_number}"
    key = candidate.public_key()
    words = {rsa.RSAPublicKey: "crypto/rsa: verification error", ec.EllipticCurvePublicKey: "x509: ECDSA verification"}
    why = next((text for kind, text in words.items() if isinstance(key, kind)), "x509: verification")
    if isinstance(key, ec.EllipticCurvePublicKey):
        why += " failure"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        why = "x509: Ed25519 verification failure"
    return f' (possibly because of "{why}" while trying to verify candidate authority certificate "{whose}")'
