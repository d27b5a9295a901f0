"""What a request brings to say who sends it, and what an authenticator answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cryptography import x509

from cluster.apiserver.request import User


class Rejected(Exception):
    """Credentials that an authenticator knows to be wrong; the text is the server's log's, never the client's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A bearer token, the certificates a client showed in its TLS handshake (its own first), or nothing."""

    token: str = ""
    certificates: tuple[x509.Certificate, ...] = ()


class Authenticator(Protocol):
    """One way to know a user. `name` is what the verdict calls it."""

    @property
    def name(self) -> str: ...

    def user(self, given: Credentials) -> User | None:
        """Return whose these credentials are; None when they are nothing to it. Raises `Rejected`."""
        ...
