"""What the project's commands share: `--data DIR` and plain errors."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cluster.persistence.labs import LabError


class LabCommand(BaseCommand):
    """A command on the labs of one data folder; what a person got wrong is one line, no traceback."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        # `manage.py` has read it already, before the settings: here it is only documented.
        parser.add_argument("--data", metavar="DIR", help="the folder that keeps labs, keys and certificates")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.work(**options)
        except LabError as error:
            raise CommandError(str(error)) from error

    def work(self, **options: Any) -> None:
        raise NotImplementedError
