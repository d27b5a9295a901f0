"""What the process itself costs: its start, its labs, its memory."""

from __future__ import annotations

import time
import urllib.request

from cluster.management.bench.stage import Stage

FURTHER = 10


def first_page(stage: Stage) -> float:
    """From the command line to the home page's last byte, on an empty data folder."""
    stage.stop()
    began = time.perf_counter()
    server = stage.server
    with urllib.request.urlopen(f"{server.page}/", timeout=30) as answer:
        answer.read()
    return time.perf_counter() - began


def new_lab(stage: Stage) -> float:
    """The best of three, as the first one in a process also loads modules."""
    best = float("inf")
    for number in range(3):
        began = time.perf_counter()
        stage.new_lab(f"fresh-{number}")
        best = min(best, time.perf_counter() - began)
    for number in range(3):
        stage.drop(f"fresh-{number}")
    return best


def memory(stage: Stage) -> float:
    link = stage.link()
    for _ in range(20):
        link.get("/api/v1/pods")
    time.sleep(2)
    return stage.server.resident()


def memory_per_lab(stage: Stage) -> float:
    before = memory(stage)
    made = [stage.new_lab(f"idle-{number}") for number in range(FURTHER)]
    time.sleep(6)  # the worker loads them meanwhile
    after = stage.server.resident()
    for lab in made:
        stage.drop(lab.name)
    return (after - before) / FURTHER
