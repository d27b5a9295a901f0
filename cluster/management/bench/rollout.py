"""A Deployment from its creation until every pod is Ready, committed to the database slice by slice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from cluster.management.bench.figure import Bench, Figure
from cluster.persistence import labs
from cluster.persistence.replica import Replica
from cluster.runtime.simulation import Simulation

SIZES = {100: 0.3, 1000: 2.5}
NODES = 20


def measure(bench: Bench) -> Sequence[Figure]:
    return [
        Figure(f"Deployment of {size} on {NODES} nodes to all Ready, durable", _roll_out(size), budget, "s")
        for size, budget in SIZES.items()
    ]


def _roll_out(size: int) -> float:
    lab = labs.create(labs.local_visitor(), f"bench-{size}", nodes=NODES, instant=True)
    replica = Replica(lab.pk, "bench")
    try:
        replica.run()
        began = time.perf_counter()
        replica.run([partial(_create, size=size)])
        while not _is_ready(replica.simulation, size):
            replica.run()
        return time.perf_counter() - began
    finally:
        replica.release()
        labs.delete(lab)


def _create(simulation: Simulation, *, size: int) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}
    spec = {"replicas": size, "selector": {"matchLabels": labels}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    simulation.client().create("deployments.apps", body, "default")


def _is_ready(simulation: Simulation | None, size: int) -> bool:
    found = simulation.store.get("deployments.apps", "default", "web") if simulation else None
    return bool(found) and (found or {}).get("status", {}).get("readyReplicas") == size
