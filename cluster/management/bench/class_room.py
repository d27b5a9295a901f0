"""Fifty learners at once: each applies a Deployment and scales it, all through one server process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cluster.management.bench.figure import Bench, Figure, percentile
from cluster.management.bench.server import Api, Server, open_lab, server

LEARNERS, ROUNDS = 50, 3
PATH = "/apis/apps/v1/namespaces/default/deployments"


def measure(bench: Bench) -> Sequence[Figure]:
    with server(bench.folder / "class") as running:
        rooms = [_room(running, number) for number in range(LEARNERS)]
        with ThreadPoolExecutor(LEARNERS) as learners:
            work = [learners.submit(_learn, api) for api in rooms]
            reactions = [reaction for each in work for reaction in each.result()[0]]
            lost = sum(each.result()[1] for each in work)
    return [
        Figure("50 learners at once: reaction, p95", percentile(reactions, 0.95), 500.0, "ms"),
        Figure("50 learners at once: lost updates (budget 0, shown + 1)", lost + 1.0, 1.0, ""),
    ]


def _room(running: Server, number: int) -> Api:
    return open_lab(running, f"learner-{number}", "--instant", "--nodes", "1")


def _learn(api: Api) -> tuple[list[float], int]:
    """Apply and scale; return how long the cluster took to react each time, and how many updates were lost."""
    container = {"name": "web", "image": "nginx:1.27"}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    began = time.perf_counter()
    api.send("POST", PATH, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
    reactions = [_reaction(api, 1, began)]
    for wanted in range(2, 2 + ROUNDS):
        began = time.perf_counter()
        api.send("PATCH", f"{PATH}/web", {"spec": {"replicas": wanted}}, "application/merge-patch+json")
        reactions.append(_reaction(api, wanted, began))
    return reactions, int(api.send("GET", f"{PATH}/web")["spec"]["replicas"] != 1 + ROUNDS)


def _reaction(api: Api, wanted: int, began: float) -> float:
    """Return the milliseconds until the controller has acted on what was asked."""
    while api.send("GET", f"{PATH}/web").get("status", {}).get("replicas") != wanted:
        if time.perf_counter() - began > 30:
            break
        time.sleep(0.02)
    return (time.perf_counter() - began) * 1000
