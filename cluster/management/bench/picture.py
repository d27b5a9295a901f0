"""The server's part of the picture: a second's worth of changes in a large lab, projected and made into one patch."""

from __future__ import annotations

import time

from cluster.management.bench.stage import Stage
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.topology.project import Projection

PODS, CHANGES = 2000, 50


def projected(stage: Stage) -> float:
    """Return the milliseconds for 50 changed pods among 2,000."""
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
    return (time.perf_counter() - began) * 1000
