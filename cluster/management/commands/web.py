"""`manage.py web`: the web process alone; control-plane workers run beside it (REDIS_URL, DATABASE_URL)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from cluster.management.command import LabCommand


class Command(LabCommand):
    help = "Serve pages and the Kubernetes API; run `runworker control-plane` beside it."
    control_plane = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--tls-port", type=int, default=8443)
        parser.add_argument("--no-tls", action="store_true", help="plain HTTP only: no real kubectl then")

    def work(self, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("assets", if_needed=True)
        # The reactor must be installed before anything else imports Twisted.
        from cluster.web.serving import Address, run_server

        address = Address(options["host"], options["port"], 0 if options["no_tls"] else options["tls_port"])
        self._serve(run_server, address)

    def _serve(self, run_server: Any, address: Any) -> None:
        from cluster.persistence.announce import BELL
        from cluster.persistence.requests import POST
        from cluster.web.address import remember, welcome
        from labsite.asgi import application

        remember(address)
        POST.start()
        tasks = [BELL.relay, *self.beside()]
        run_server(application, address, settings.DATA, lambda: self.stdout.write(welcome(address)), tasks)
        self.ended()

    def beside(self) -> list[Any]:
        """Return what runs on the same loop."""
        return []

    def ended(self) -> None:
        """Clean up after the listeners."""
