"""`manage.py bench`: every budget that can be measured, as figure, budget and ratio, in one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser

from cluster.management.command import LabCommand

INSIDE = "KUBARIUM_BENCH"  # set in the process that works on the benchmark's own folder


class Command(LabCommand):
    help = "Measure the budgets on a data folder of the benchmark's own."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("suite", nargs="?", choices=("budget", "api"), default="budget", help="what to measure")
        parser.add_argument("--json", metavar="FILE", help="also write the figures as JSON")
        parser.add_argument("--only", metavar="WORD", default="", help="only lines whose name contains this")

    def work(self, **options: Any) -> None:
        call_command("assets", if_needed=True)
        if os.environ.get(INSIDE):
            self._measure(options)
            return
        with tempfile.TemporaryDirectory(prefix="kubarium-bench-") as folder:
            words = [options["suite"], "--only", options["only"]]
            words += ["--json", options["json"]] if options["json"] else []
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "bench", *words]
            environment = {**os.environ, INSIDE: "1", "KUBARIUM_DATA": folder}
            raise SystemExit(subprocess.run(command, env=environment).returncode)

    def _measure(self, options: dict[str, Any]) -> None:
        from cluster.management.bench.stage import Stage

        call_command("migrate", verbosity=0, interactive=False)
        stage = Stage(Path(settings.DATA))
        rows: list[dict[str, Any]] = []
        try:
            {"budget": self._budget, "api": self._api}[options["suite"]](stage, options["only"], rows)
        finally:
            stage.stop()
        if options["json"]:
            Path(options["json"]).write_text(json.dumps({"measurements": rows}, indent=2) + "\n")

    def _budget(self, stage: Any, only: str, rows: list[dict[str, Any]]) -> None:
        from cluster.management.bench.registry import MEASUREMENTS

        for one in MEASUREMENTS:
            if only in one.name:
                rows.append({"name": one.name, "unit": one.unit, "figure": one.measure(stage), "budget": one.budget})
                self._print(rows[-1])

    def _api(self, stage: Any, only: str, rows: list[dict[str, Any]]) -> None:
        from cluster.management.bench.api import measured
        from cluster.management.bench.link import percentile

        self.stdout.write(
            f"{'milliseconds':<32}{'HTTPS p50':>11}{'p99':>9}{'inside p50':>12}{'p99':>9}{'budget':>9}  ratio"
        )
        for name, (budget, wired, near) in measured(stage).items():
            figures = [percentile(taken, share) for taken in (wired, near) for share in (0.5, 0.99)]
            words = ("https p50", "https p99", "inside p50", "inside p99")
            rows.append({"name": name, "unit": "ms", "budget": budget, **dict(zip(words, figures, strict=True))})
            a, b, c, d = figures
            self.stdout.write(f"{name:<32}{a:>11.2f}{b:>9.2f}{c:>12.2f}{d:>9.2f}{budget:>9g}  {a / budget:.2f}")

    def _print(self, row: dict[str, Any]) -> None:
        row["ratio"] = row["figure"] / row["budget"]
        figure, budget = f"{row['figure']:.3g} {row['unit']}", f"{row['budget']:g} {row['unit']}"
        self.stdout.write(f"{row['name']:<46} {figure:>12}  budget {budget:>8}  ratio {row['ratio']:.2f}")
        self.stdout.flush()
