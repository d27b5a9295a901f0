"""Every line of the budget that can be measured, in the order of ARCHITECTURE's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cluster.management.bench import learners, page, picture, process_costs, requests, rollouts
from cluster.management.bench.stage import Stage


@dataclass(frozen=True)
class Measurement:
    """One line: its figure may be at most `budget`."""

    name: str
    unit: str
    budget: float
    measure: Callable[[Stage], float]


MEASUREMENTS = (
    Measurement("lab server from cold to its first page", "s", 3.0, process_costs.first_page),
    Measurement("a new lab with three workers", "s", 0.3, process_costs.new_lab),
    Measurement("resident memory with one lab", "MB", 200.0, process_costs.memory),
    Measurement("resident memory of each further idle lab", "MB", 1.0, process_costs.memory_per_lab),
    Measurement("GET one pod over keep-alive HTTPS, p50", "ms", 2.0, requests.get_pod),
    Measurement("create one ConfigMap, p50", "ms", 5.0, requests.create_config_map),
    Measurement("LIST 1,000 pods, p50", "ms", 30.0, requests.list_pods),
    Measurement("keystroke echo, p95", "ms", 50.0, page.echo),
    Measurement("apply to first change on the picture, p95", "ms", 150.0, page.reaction),
    Measurement("Deployment of 100 on 20 nodes, all Ready", "s", 0.3, rollouts.hundred),
    Measurement("Deployment of 1,000 on 20 nodes, all Ready", "s", 2.5, rollouts.thousand),
    Measurement("50 learners at once, reaction p95", "ms", 500.0, learners.reaction),
    # Sixty frames a second leave 16.7 ms a frame: a second's changes may cost the server one of them.
    Measurement("50 changes among 2,000 pods, server's part of the picture", "ms", 16.7, picture.projected),
)
