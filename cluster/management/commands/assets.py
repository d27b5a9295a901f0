"""`manage.py assets`: build the front end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from cluster.management.command import LabCommand
from cluster.web.assets import BuildError, build, is_current


class Command(LabCommand):
    help = "Build the front end with npm and esbuild (node comes from PyPI)."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--if-needed", action="store_true", help="only when the sources have changed")

    def work(self, **options: Any) -> None:
        static = Path(settings.BASE_DIR) / "static"
        if options["if_needed"] and is_current(static):
            return
        self.stderr.write("Building the front end …")
        try:
            build(static)
        except BuildError as error:
            raise CommandError(str(error)) from error
