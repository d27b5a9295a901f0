"""What a kubeconfig and the flags give kubectl to say who it is, as client-go's clientcmd reads and checks it.

Left out: exec plugins, auth providers, user name and password (no authenticator takes them any more).
https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from cluster.apiserver.authn.impersonation import Wanted
from cluster.kubectl.config import KubeConfig
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Parsed
from cluster.workloads.files import FileError

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass(frozen=True, slots=True)
class Given:
    """Credentials, whom to speak as, and whom to trust: `roots` is PEM, None where nobody is checked."""

    token: str
    certificate: str
    wanted: Wanted
    roots: str | None


def given(config: KubeConfig, flags: Parsed) -> Given:
    """Return what the configuration in use says; CommandError in clientcmd's words where it cannot be used."""
    user, cluster = config.user(flags) or {}, config.cluster(flags) or {}
    reader = _Reader(config)
    if config.is_empty and not (flags.get("server") or config.explicit):
        return _inside_a_pod(reader, flags)
    name = str(flags.get("user") or config.user_name(flags))
    certificate = reader.text(user, flags, "client-certificate", f"client-cert {{}} for {name}")
    key = reader.text(user, flags, "client-key", f"client-key {{}} for {name}")
    roots = _roots(reader, config, cluster, flags)
    token = _token(reader, user, flags)
    if certificate and not key:
        reader.faults.append(
            f"client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
        )
    reader.refuse()
    return Given(token, _matching(certificate, key), wanted(user, flags), roots)


class _Reader:
    """Reads files as kubectl sees them and collects what cannot be read."""

    def __init__(self, config: KubeConfig):
        self._config = config
        self.faults: list[str] = []

    def file(self, path: str) -> str | None:
        try:
            return self._config.call.place.files.read(path).decode("utf-8", "replace")
        except FileError:
            return None

    def text(self, entry: Mapping[str, Any], flags: Parsed, field: str, what: str) -> str:
        """Return a PEM text that stands in the entry or in the file it names; a flag's file comes first."""
        flagged = flags.get(field)
        if not flagged and entry.get(f"{field}-data"):
            return _decoded(str(entry[f"{field}-data"]))
        path = str(flagged or entry.get(field) or "")
        if not path:
            return ""
        full = self._config.absolute(path) if flagged else self._config.beside(path)
        found = self.file(full)
        if found is None:
            self.faults.append(f"unable to read {what.format(full)} due to open {full}: no such file or directory")
        return found or ""

    def refuse(self) -> None:
        if self.faults:
            told = self.faults[0] if len(self.faults) == 1 else f"[{', '.join(self.faults)}]"
            raise CommandError(f"invalid configuration: {told}")


def _inside_a_pod(reader: _Reader, flags: Parsed) -> Given:
    """Without any kubeconfig a container's kubectl is its service account; elsewhere there is no server to ask."""
    token = reader.file(f"{_ACCOUNT}/token")
    if token is None:
        raise CommandError(
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
            bare=True,
        )
    return Given(str(flags.get("token") or token), "", wanted({}, flags), reader.file(f"{_ACCOUNT}/ca.crt"))


def _roots(reader: _Reader, config: KubeConfig, cluster: Mapping[str, Any], flags: Parsed) -> str | None:
    if flags.get("insecure-skip-tls-verify") or cluster.get("insecure-skip-tls-verify"):
        return None
    name = config.cluster_name(flags)
    return reader.text(cluster, flags, "certificate-authority", f"certificate-authority {{}} for {name}")


def _token(reader: _Reader, user: Mapping[str, Any], flags: Parsed) -> str:
    """Return the bearer token: the flag's, then that of the file, which is read anew each time."""
    if flags.get("token"):
        return str(flags["token"])
    path = str(user.get("tokenFile") or "")
    text = reader.file(path) if path else None
    return (text if text is not None else str(user.get("token") or "")).strip()


def wanted(user: Mapping[str, Any], flags: Parsed) -> Wanted:
    """Return whom to speak as: what the flags say, then what the user entry says."""
    groups = flags.get("as-group") or user.get("as-groups") or ()
    extra = {str(key): tuple(map(str, values)) for key, values in (user.get("as-user-extra") or {}).items()}
    found = Wanted(
        str(flags.get("as") or user.get("as") or ""),
        tuple(map(str, groups)),
        str(flags.get("as-uid") or user.get("as-uid") or ""),
        extra,
    )
    if not found.name and (found.groups or found.uid or found.extra):
        raise CommandError("requesting uid, groups or user-extra without impersonating a user")
    return found


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except binascii.Error as error:
        raise CommandError(f"illegal base64 data: {error}") from None


def _matching(certificate: str, key: str) -> str:
    """Return the certificate if `key` is its own, in the words of crypto/tls otherwise."""
    if not certificate:
        return ""
    try:
        leaf = x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        raise CommandError("tls: failed to find any PEM data in certificate input") from None
    try:
        own = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):
        raise CommandError("tls: failed to find any PEM data in key input") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own.public_key().public_bytes(*form) != leaf.public_key().public_bytes(*form):
        raise CommandError("tls: private key does not match public key")
    return certificate
