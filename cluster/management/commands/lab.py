"""`manage.py lab`: everything in one process, the way a person runs it."""

from __future__ import annotations

import sys
from typing import Any

from cluster.management.commands.web import Command as WebCommand


class Command(WebCommand):
    help = "Run Kubarium: pages, Kubernetes API and control plane in one process."

    def beside(self) -> list[Any]:
        # Requests need the interpreter often and briefly, the control plane long: let it be passed on sooner.
        sys.setswitchinterval(0.001)
        from cluster.web.consumers.control_plane import ENGINE

        return [ENGINE.serve]

    def ended(self) -> None:
        from cluster.web.consumers.control_plane import ENGINE

        ENGINE.stop()
