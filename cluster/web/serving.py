"""The listeners: Daphne on plain HTTP and, with the data folder's own certificate, on TLS.

`daphne.server` comes first: it installs the event loop that Twisted and asyncio share.
"""

from __future__ import annotations

from daphne.server import Server, twisted_loop  # isort:skip

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL, crypto
from twisted.internet import reactor, ssl
from twisted.internet.endpoints import SSL4ServerEndpoint

from cluster.persistence.announce import BELL
from cluster.persistence.pki import authority
from cluster.web.backpressure import Backpressure
from cluster.web.spdysocket import with_upgrades

HEADER_LIMIT = 1 << 20


@dataclass(frozen=True)
class Address:
    """Where to listen; `tls_port` 0 is no TLS."""

    host: str
    port: int
    tls_port: int = 0


class GlassServer(Server):
    """Daphne that shows a client's certificate to the application and ends cleanly."""

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        certificate = _peer_certificate(protocol)
        if certificate is not None:
            scope["client_certificate"] = certificate
        if scope["type"] == "http":
            scope["backpressure"] = Backpressure(protocol)
        return super().create_application(protocol, scope)

    def kill_all_applications(self) -> None:
        """Cancel what still runs; `run_server` awaits it once the reactor has stopped."""
        for details in self.connections.values():
            running = details.get("application_instance")
            if running is not None and not running.done():
                running.cancel()

    def log_action(self, protocol: str, action: str, details: dict[str, Any]) -> None:
        """Keep no access log; the revision log says who did what."""


def _peer_certificate(protocol: Any) -> x509.Certificate | None:
    transport = getattr(protocol, "transport", None)
    given = getattr(transport, "getPeerCertificate", lambda: None)()
    return given.to_cryptography() if given is not None else None


def run_server(
    application: Any, address: Address, data: Path, started: Callable[[], None], tasks: Sequence[Any]
) -> None:
    """Serve until SIGINT or SIGTERM. `tasks` run beside the listeners; the end of one ends all."""

    def ready() -> None:
        BELL.bind(twisted_loop)
        with_upgrades(server.http_factory)
        with_long_lines(server.http_factory)
        if address.tls_port:
            _listen_tls(server, address, data)
        for task in tasks:
            twisted_loop.create_task(task()).add_done_callback(_stop_with(server))
        twisted_loop.call_later(0, started)

    server = GlassServer(
        application=application,
        endpoints=[f"tcp:port={address.port}:interface={address.host.replace(':', chr(92) + ':')}"],
        request_buffer_size=1024 * 1024,
        websocket_max_message_size=4 * 1024 * 1024,
        websocket_max_frame_size=4 * 1024 * 1024,
        application_close_timeout=5,
        ready_callable=ready,
        server_name="",
        verbosity=1,
    )
    server.run()
    # The reactor's handlers outlive its loop: a second Ctrl-C while leaving would meet a closed one.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    _finish(twisted_loop)


def with_long_lines(factory: Any) -> None:
    """Take request lines and headers as long as Go's servers do: selectors can be long."""
    build = factory.buildProtocol

    def build_patient(address: Any) -> Any:
        protocol = build(address)
        protocol._channel.MAX_LENGTH = protocol._channel.totalHeadersSize = HEADER_LIMIT
        return protocol

    factory.buildProtocol = build_patient


def _stop_with(server: GlassServer) -> Callable[[asyncio.Task[Any]], None]:
    def ended(task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            twisted_loop.call_exception_handler({"message": "a part of the server died", "exception": error})
            server.stop()

    return ended


def _listen_tls(server: GlassServer, address: Address, data: Path) -> None:
    endpoint = SSL4ServerEndpoint(reactor, address.tls_port, _options(data, address.host), interface=address.host)
    listening = endpoint.listen(server.http_factory)
    listening.addCallback(server.listen_success)
    listening.addErrback(server.listen_error)


def _options(data: Path, host: str) -> ssl.CertificateOptions:
    """Return TLS with the data folder's own certificate that asks for a client's and takes any.

    As a real API server does: each lab judges what it is shown by its own authority (`gate`).
    """
    signer = authority(data)
    own = signer.server([host])
    options = ssl.CertificateOptions(
        privateKey=crypto.PKey.from_cryptography_key(own.key),
        certificate=crypto.X509.from_cryptography(own.certificate),
    )
    options.getContext().set_verify(SSL.VERIFY_PEER, _take_any)
    # OpenSSL wants a session id context wherever client certificates are asked for and sessions are resumed.
    options.getContext().set_session_id(
        signer.pair.certificate.fingerprint(signer.pair.certificate.signature_hash_algorithm)[:32]
    )
    return options


def _take_any(connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, fine: int) -> bool:
    """Go on whatever a client shows; the handshake has proved that it holds the key."""
    return True


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel and await what is left: Daphne leaves tasks pending, which crashes the interpreter's end."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
