"""Deployments from created to all Ready, durable: every slice is committed to the database.

The worker's own code runs here in the benchmark's process, with nobody else at work.
"""

from __future__ import annotations

import time

from cluster.apiserver.client import Client
from cluster.apiserver.request import ADMIN
from cluster.management.bench.stage import Stage
from cluster.models import Lab
from cluster.persistence.django_store import DjangoStore
from cluster.persistence.replica import Replica
from cluster.runtime.simulation import Simulation


def _deployment(count: int) -> dict[str, object]:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}
    spec = {"replicas": count, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


def _rollout(stage: Stage, count: int) -> float:
    stage.stop()
    lab = stage.new_lab(f"rollout-{count}", nodes=20)
    replica = Replica(lab.pk, "bench")
    replica.run()
    began = time.perf_counter()
    replica.run([lambda simulation: _create(simulation, count)])
    while _ready(lab) < count:
        replica.run()
    taken = time.perf_counter() - began
    stage.drop(lab.name)
    return taken


def _create(simulation: Simulation, count: int) -> None:
    Client(simulation.server, ADMIN).create("deployments.apps", _deployment(count), namespace="default")


def _ready(lab: Lab) -> int:
    found = DjangoStore(lab.pk).get("deployments.apps", "default", "web") or {}
    return int((found.get("status") or {}).get("readyReplicas") or 0)


def hundred(stage: Stage) -> float:
    return _rollout(stage, 100)


def thousand(stage: Stage) -> float:
    return _rollout(stage, 1000)
