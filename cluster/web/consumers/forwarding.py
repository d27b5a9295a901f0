"""What the worker does for port-forward: looks whether a port is listened on, and hands over what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kubelet.forwarding import Forwarder
from cluster.runtime.simulation import Simulation
from cluster.workloads.process import WebRequest

Arguments = Mapping[str, Any]


def forwarder(simulation: Simulation) -> Forwarder:
    return Forwarder(simulation.store, simulation.state, simulation.containers)


def connect(simulation: Simulation, given: Arguments) -> None:
    forwarder(simulation).connect(given["namespace"], given["pod"], given["port"])


def forward(simulation: Simulation, given: Arguments) -> dict[str, Any]:
    """Answer one HTTP request, or raw bytes where there is no method."""
    scheme = "http" if given["method"] else "tcp"
    target = given["target"] if given["target"].startswith("/") else "/" + given["target"].partition("://")[2]
    url = f"{scheme}://127.0.0.1:{given['port']}{target}"
    headers = tuple((str(name), str(value)) for name, value in given["headers"])
    request = WebRequest(given["method"] or "SEND", url, headers, given["body"])
    reply = forwarder(simulation).send(given["namespace"], given["pod"], given["port"], request)
    pairs = [list(pair) for pair in reply.headers]
    return {"status": reply.status, "headers": pairs, "body": reply.body, "error": reply.error}
