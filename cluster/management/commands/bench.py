"""`manage.py bench [NAME…] [--json FILE]`: the budgets of the architecture, as figure, budget and ratio."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandParser

from cluster.management.bench.figure import Bench, Figure
from cluster.management.bench.registry import MEASURES
from cluster.management.command import LabCommand


class Command(LabCommand):
    help = "Measure the budgets: figure, budget, ratio; all in one run, on a data folder of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("names", nargs="*", choices=[*MEASURES, []], help="measurements; all when none is named")
        parser.add_argument("--json", metavar="FILE", help="write the figures there, too")

    def work(self, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("assets", if_needed=True)
        figures: list[Figure] = []
        self.stdout.write(f"{'':<58}{'figure':>12}{'budget':>12}{'ratio':>8}")
        with tempfile.TemporaryDirectory(prefix="kubarium-bench-") as folder:
            for name in options["names"] or MEASURES:
                found = MEASURES[name](Bench(Path(folder)))
                self._show(found)
                figures += found
        if options["json"]:
            Path(options["json"]).write_text(json.dumps([figure.data() for figure in figures], indent=2) + "\n")

    def _show(self, figures: Sequence[Figure]) -> None:
        for one in figures:
            value, budget = f"{one.value:.2f} {one.unit}", f"{one.budget:g} {one.unit}"
            self.stdout.write(f"{one.name:<58}{value:>12}{budget:>12}{one.ratio:>8.2f}")
