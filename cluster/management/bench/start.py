"""Cold start, a new lab, and what a lab costs in memory."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cluster.management.bench.figure import Bench, Figure
from cluster.management.bench.server import open_lab, server
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

IDLE_LABS = 5


def measure(bench: Bench) -> Sequence[Figure]:
    with server(bench.folder / "start") as running:
        open_lab(running, "first").send("GET", "/api/v1/nodes")
        time.sleep(3)
        one = running.memory()
        for number in range(IDLE_LABS):
            open_lab(running, f"idle-{number}")
        time.sleep(5)
        further = (running.memory() - one) / IDLE_LABS
        started = running.started
    return [
        Figure("lab server, cold, to its first page", started, 3.0, "s"),
        Figure("a new lab with three workers, ready", _new_lab(), 0.3, "s"),
        Figure("resident memory with one lab", one, 200.0, "MB"),
        Figure("resident memory of each further idle lab", max(further, 0.0), 1.0, "MB"),
    ]


def _new_lab() -> float:
    Simulation.create(LabSettings(seed=1))
    began = time.perf_counter()
    Simulation.create(LabSettings(seed=2))
    return time.perf_counter() - began
