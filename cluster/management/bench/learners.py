"""Fifty learners, each in a lab of their own, apply and scale at once against one process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cluster.management.bench.link import Link, percentile
from cluster.management.bench.stage import Stage
from cluster.models import Lab

LEARNERS = 50
SETS = "/apis/apps/v1/namespaces/default/deployments"


def reaction(stage: Stage) -> float:
    """From a write to the control plane's answer on a watch: the Deployment's status has seen that generation."""
    labs = [stage.new_lab(f"learner-{number}") for number in range(LEARNERS)]
    base = stage.server.api
    time.sleep(8)  # the worker loads them meanwhile
    with ThreadPoolExecutor(LEARNERS) as pool:
        taken = [one for found in pool.map(lambda lab: _learn(base, lab), labs) for one in found]
    for lab in labs:
        stage.drop(lab.name)
    return percentile(sorted(taken), 0.95)


def _learn(base: str, lab: Lab) -> list[float]:
    link, glass = Link(base, lab), Link(base, lab)
    events = glass.stream(f"{SETS}?watch=1&timeoutSeconds=300")
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}
    taken = [_until_seen(link, events, ("POST", SETS, body), 1)]
    for number in range(4):
        time.sleep(1)  # a person reads what happened
        scale = {"spec": {"replicas": 3 + number}}
        taken.append(_until_seen(link, events, ("PATCH", f"{SETS}/web", scale), 2 + number))
    glass.close()
    link.close()
    return taken


def _until_seen(link: Link, events: Iterator[Any], write: tuple[str, str, object], generation: int) -> float:
    began = time.perf_counter()
    link.send(*write)
    for event in events:
        if (event["object"].get("status") or {}).get("observedGeneration", 0) >= generation:
            break
    return (time.perf_counter() - began) * 1000
