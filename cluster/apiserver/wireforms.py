"""What the shell hands to the API over HTTP and what it gets back. Values only; no sockets, no framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from cryptography.x509 import Certificate

from cluster.apiserver.request import User


@dataclass(frozen=True)
class HttpRequest:
    """One request; `path` is relative to the lab's root, `query` the raw query string."""

    method: str
    path: str
    query: str = ""
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    source: str = ""  # the client's address
    certificates: tuple[Certificate, ...] = ()  # the client's own first, as shown in its TLS handshake: unverified

    @property
    def uri(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name: str) -> str:
        """Return a header's first value, '' when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def header_values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    @cached_property
    def parameters(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(key, []).append(value)
        return found

    def parameter(self, name: str) -> str:
        return self.parameters.get(name, [""])[0]

    def flag(self, name: str) -> bool:
        """Return a boolean option; present without a value means true."""
        values = self.parameters.get(name)
        return values is not None and values[0].lower() not in ("0", "false")


@dataclass(slots=True)
class HttpResponse:
    """One complete answer."""

    code: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Connection:
    """A request the shell must carry on itself: `kind` is log (follow), exec, attach, portforward or proxy.

    Authentication, authorisation and the existence of the pod have been checked.
    """

    kind: str
    user: User
    namespace: str
    name: str
    container: str = ""
    argv: tuple[str, ...] = ()
    stdin: bool = False
    stdout: bool = True
    stderr: bool = True
    tty: bool = False
    ports: tuple[int, ...] = ()
    path: str = ""
    resource: str = "pods"
    options: Mapping[str, str] = field(default_factory=dict)
