"""The server's part of the picture: 50 changed pods among 2,000, projected and made into one patch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from cluster.management.bench.figure import Bench, Figure
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.topology.project import Projection

PODS, CHANGES = 2000, 50


def measure(bench: Bench) -> Sequence[Figure]:
    lab = Simulation.create(LabSettings(workers=20, instant=True))
    lab.run(f"kubectl create deployment web --image=nginx:1.27 --replicas={PODS}")
    lab.advance(5)
    projection = Projection(lab.store, "machine")
    before = lab.store.revision
    for pod in lab.store.list("pods", "default")[:CHANGES]:
        patch = {"metadata": {"labels": {"touched": "yes"}}}
        lab.client().patch("pods", pod["metadata"]["name"], patch, "default")
    began = time.perf_counter()
    for revision in lab.store.since(before):
        projection.observe(revision)
    projection.take_patch()
    spent = (time.perf_counter() - began) * 1000
    # 60 frames a second leave 16.7 ms a frame; a second's changes may cost the server one frame.
    return [Figure("picture: 50 changes among 2,000 pods, server's part", spent, 16.7, "ms")]
