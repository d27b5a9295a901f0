"""What one request costs, by kind of request: over one kept HTTPS connection, and in process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cluster.management.bench.fanout import over_https, within
from cluster.management.bench.inside import Inside
from cluster.management.bench.link import Link, milliseconds
from cluster.management.bench.stage import Stage

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
APPLY = "application/apply-patch+yaml"


class Wire(Protocol):
    """Either way to a lab's API."""

    def send(self, method: str, path: str, body: Any = None, *, media: str = "", accept: str = "*/*") -> bytes: ...


def _map(name: str, value: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": value}}


def _get(wire: Wire, number: int) -> None:
    wire.send("GET", f"{PODS}/pod-7")


def _create(wire: Wire, number: int) -> None:
    wire.send("POST", MAPS, _map(f"made-{number}", "b"))


def _update(wire: Wire, number: int) -> None:
    wire.send("PUT", f"{MAPS}/made-1", _map("made-1", f"update-{number}"))


def _patch(wire: Wire, number: int) -> None:
    wire.send("PATCH", f"{MAPS}/made-1", {"data": {"a": f"patch-{number}"}})


def _apply(wire: Wire, number: int) -> None:
    path = f"{MAPS}/applied?fieldManager=bench&force=true"
    wire.send("PATCH", path, _map("applied", f"apply-{number}"), media=APPLY)


def _list(wire: Wire, number: int) -> None:
    wire.send("GET", PODS, accept="application/json")


def _table(wire: Wire, number: int) -> None:
    wire.send("GET", PODS, accept=TABLE)


@dataclass(frozen=True)
class Operation:
    """One kind of request; `budget` in milliseconds is for the median over HTTPS."""

    name: str
    budget: float
    act: Callable[[Wire, int], None]
    times: int = 300


OPERATIONS = (
    Operation("get one pod", 2.0, _get),
    Operation("create a ConfigMap", 5.0, _create),
    Operation("update it", 5.0, _update),
    Operation("patch it", 5.0, _patch),
    Operation("server-side apply", 8.0, _apply),
    Operation("list 1,000 pods, JSON", 30.0, _list, 20),
    Operation("list 1,000 pods, Table", 120.0, _table, 20),
)
FANOUT, FANOUT_BUDGET = "a write reaches 100 watchers", 50.0


def measured(stage: Stage) -> Mapping[str, tuple[float, Sequence[float], Sequence[float]]]:
    """Return operation → (budget, milliseconds over HTTPS, milliseconds in process), each list sorted."""
    lab = stage.new_lab("api", nodes=0)
    link, inside = stage.link(lab), Inside(lab)
    _fill(inside)
    found = {}
    for one in OPERATIONS:
        wired = milliseconds(lambda number, act=one.act: act(link, number), one.times)  # type: ignore[misc]
        near = milliseconds(lambda number, act=one.act: act(inside, 1000 + number), one.times)  # type: ignore[misc]
        found[one.name] = (one.budget, wired, near)
    found[FANOUT] = (FANOUT_BUDGET, over_https(lambda: Link(stage.server.api, lab)), within(inside))
    stage.drop("api")
    return found


def _fill(inside: Inside) -> None:
    """Make a thousand pods; without nodes they stay as they were made."""
    container = {"name": "web", "image": "nginx:1.27", "resources": {"requests": {"cpu": "10m"}}}
    for number in range(1000):
        body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{number}", "labels": {"app": "web"}}}
        inside.send("POST", PODS, {**body, "spec": {"containers": [container]}})
