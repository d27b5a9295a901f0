"""What a container uses: its image's idle cost, the requests of the last minute, what its process says of itself.

Stands for cAdvisor. CPU never exceeds the limit (throttling), memory is capped by it. The little that
real figures waver is drawn from the lab's seed by pod and quarter of a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cluster.machinery.ids import Ids
from cluster.machinery.meta import Object
from cluster.machinery.quantity import parse
from cluster.workloads.catalogue import image_of
from cluster.workloads.image import InvalidReference, Load, parse_reference

WINDOW = 60.0
BUCKET = 10
RESOLUTION = 15.0  # metrics-server scrapes so often
MACHINE_CPU, MACHINE_MEMORY = 0.06, 520 << 20  # the operating system, kubelet and containerd
WAVER = 0.08


@dataclass(frozen=True, slots=True)
class Usage:
    """Cores and bytes."""

    cpu: float = 0.0
    memory: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu + other.cpu, self.memory + other.memory)


def container_usage(record: Mapping[str, Any], spec: Object, now: float, ids: Ids) -> Usage:
    """Return what one running container uses now; nothing when it does not run."""
    container = record["containers"].get(spec["name"])
    if container is None or container["process"] is None:
        return Usage()
    load = _load(spec["image"])
    state = container["process"].get("state") or {}
    rate = requests_a_second(container, now)
    started = min(1.0, max(0.2, (now - container["startedAt"]) / 30.0))
    busy = float(state.get("cpu", 0.0)) + float(_burnt(container["process"]))
    cpu = load.cpu_idle + rate * load.cpu_request + busy
    memory = load.memory_idle * started + rate * WINDOW * load.memory_request + float(state.get("memory", 0))
    waver = ids.random("usage", record["uid"], spec["name"], int(now // RESOLUTION)).uniform(1 - WAVER, 1 + WAVER)
    limits = (spec.get("resources") or {}).get("limits") or {}
    return Usage(
        _capped(cpu * waver, limits.get("cpu")), int(_capped(memory * (1 + (waver - 1) / 8), limits.get("memory")))
    )


def _capped(amount: float, limit: Any) -> float:
    return min(amount, float(parse(limit).nanos) / 1e9) if limit is not None else amount


def _load(image: str) -> Load:
    try:
        return image_of(parse_reference(image)).load
    except InvalidReference:
        return Load()


def _burnt(process: Mapping[str, Any]) -> float:
    """Return the cores a shell's endless loop takes: all of one while it computes without waiting."""
    return 1.0 if process.get("burnt") else 0.0


def requests_a_second(container: Mapping[str, Any], now: float) -> float:
    """Return the mean rate of the last minute."""
    first = int((now - WINDOW) // BUCKET)
    return float(sum(count for bucket, count in container.get("load") or () if bucket > first)) / WINDOW
