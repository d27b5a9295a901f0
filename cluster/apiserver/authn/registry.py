"""The registry of authenticators, in the order in which a real API server asks them.

Left out: the front proxy's headers, OIDC and webhook authentication.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cluster.apiserver.authn.bootstrap_tokens import BootstrapTokens
from cluster.apiserver.authn.certificates import ClientCertificates
from cluster.apiserver.authn.credentials import Authenticator
from cluster.apiserver.authn.service_accounts import ServiceAccountTokens
from cluster.apiserver.authn.static_tokens import StaticTokens
from cluster.apiserver.launch import Launch

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

Make = Callable[["ApiServer", Launch], Authenticator | None]


def _certificates(server: ApiServer, launch: Launch) -> Authenticator | None:
    roots = roots_of(server, launch)
    return ClientCertificates(roots, server.clock.now) if roots else None


def roots_of(server: ApiServer, launch: Launch) -> str:
    """Return the authorities of clients; a server that was started without any flag trusts the lab's own."""
    if launch.values:
        return launch.file("client-ca-file") or ""
    return server.roots


def _static_tokens(server: ApiServer, launch: Launch) -> Authenticator | None:
    text = launch.file("token-auth-file")
    return StaticTokens(text) if text is not None else None


def _service_accounts(server: ApiServer, launch: Launch) -> Authenticator | None:
    return ServiceAccountTokens(server)


def _bootstrap_tokens(server: ApiServer, launch: Launch) -> Authenticator | None:
    wanted = launch.is_on("enable-bootstrap-token-auth")
    return BootstrapTokens(server.store, server.clock.now) if wanted else None


TABLE: tuple[Make, ...] = (_certificates, _static_tokens, _service_accounts, _bootstrap_tokens)
