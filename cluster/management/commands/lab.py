"""`manage.py lab`: everything in one process, the way a person runs it."""

from __future__ import annotations

from typing import Any

from cluster.management.commands.web import Command as WebCommand


class Command(WebCommand):
    help = "Run Kubarium: pages, Kubernetes API and control plane in one process."

    def beside(self) -> list[Any]:
        from cluster.web.consumers.control_plane import ENGINE

        return [ENGINE.serve]

    def ended(self) -> None:
        from cluster.web.consumers.control_plane import ENGINE

        ENGINE.stop()
