"""The API server's front door for programs inside the lab: from the credentials they hold to a client that speaks.

What a TLS handshake and the first gate do for clients from outside.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509

from cluster.apiserver import servercert
from cluster.apiserver.authn.credentials import Credentials
from cluster.apiserver.authn.impersonation import Wanted, impersonated
from cluster.apiserver.client import Client
from cluster.apiserver.request import ANONYMOUS, Verdict

_PREFIX = "tls: failed to verify certificate: x509: "


class FrontDoor:
    """One lab's. `shown` returns the PEM certificate its API server shows; `roots` is who signed it."""

    def __init__(self, inside: Client, roots: str, shown: Callable[[], str]):
        self._inside = inside
        self._roots = roots
        self._shown = shown

    def distrust(self, roots: str, now: float) -> str:
        """Return why a client that trusts `roots` (PEM) does not trust this server, in Go's words; '' if it does."""
        if roots == self._roots:
            return ""
        why = servercert.distrust(servercert.read(self._shown()), servercert.read(roots), now)
        return _PREFIX + why if why else ""

    def enter(self, token: str, certificate: str, wanted: Wanted, verdicts: list[Verdict]) -> Client:
        """Return the client that speaks for these credentials; 401 for wrong ones, 403 for whom it may not be.

        What the authenticators said is appended to `verdicts`.
        """
        server = self._inside.server
        server.must_serve(ANONYMOUS)
        chain = tuple(x509.load_pem_x509_certificates(certificate.encode())) if certificate else ()
        user = server.authenticators.require(Credentials(token, chain), verdicts)
        speaker = self._inside.as_user(user)
        other = impersonated(server, user, wanted)
        if other is not user:
            speaker = speaker.as_user(other, impersonated=True)
        speaker.verdicts = tuple(verdicts)
        return speaker
