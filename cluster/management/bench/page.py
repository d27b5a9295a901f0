"""What a learner feels: a key's echo in the terminal, and an applied object's first sign on the picture."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlparse

from cluster.management.bench.figure import Bench, Figure, percentile
from cluster.management.bench.server import Server, server
from cluster.management.bench.socket import PageSocket

KEYS, APPLIES = 100, 30


def measure(bench: Bench) -> Sequence[Figure]:
    with server(bench.folder / "page") as running:
        page = _open_page(running)
        page.send({"type": "hello", "view": "machine", "since": 0})
        _until(page, lambda frame: frame["type"] == "graph.snapshot")
        page.send({"type": "terminal.open", "id": "t1", "cols": 100, "rows": 30})
        _until(page, _shows("$"))
        echoes = [_echo(page) for _ in range(KEYS)]
        applies = [_apply(page, number) for number in range(APPLIES)]
        page.close()
    return [
        Figure("terminal: a key's echo, p95", percentile(echoes, 0.95), 50.0, "ms"),
        Figure("apply to the first change on the picture, p95", percentile(applies, 0.95), 150.0, "ms"),
    ]


def _open_page(running: Server) -> PageSocket:
    """Make a lab as the page prints it for its owner, and open its socket."""
    told = running.manage("labs", "create", "page")
    address = next(line.split()[-1] for line in told.splitlines() if line.startswith("page:"))
    connection = http.client.HTTPConnection("127.0.0.1", running.port)
    connection.request("GET", urlparse(address).path)
    answer = connection.getresponse()
    answer.read()
    cookies = [value.split(";")[0] for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    slug = urlparse(address).path.split("/")[2]
    return PageSocket(running.port, f"/ws/labs/{slug}/", "; ".join(cookies))


def _until(page: PageSocket, wanted: Callable[[dict[str, Any]], bool]) -> None:
    while not wanted(page.receive()):
        pass


def _shows(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda frame: frame["type"] == "terminal.output" and text in frame["data"]


def _echo(page: PageSocket) -> float:
    began = time.perf_counter()
    page.send({"type": "terminal.input", "id": "t1", "data": "x"})
    _until(page, _shows("x"))
    return (time.perf_counter() - began) * 1000


def _apply(page: PageSocket, number: int) -> float:
    line = f"\x15kubectl create deployment d{number} --image=nginx:1.27\r"
    began = time.perf_counter()
    page.send({"type": "terminal.input", "id": "t1", "data": line})
    _until(page, lambda frame: frame["type"] == "graph.patch" and f"d{number}" in str(frame["upsert"]))
    return (time.perf_counter() - began) * 1000
