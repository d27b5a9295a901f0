"""A lab server of its own for a measurement: a separate process, as a person starts it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """A running `manage.py lab`."""

    process: subprocess.Popen[bytes]
    port: int
    tls_port: int
    folder: Path
    started: float

    def memory(self) -> float:
        """Return its resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def manage(self, *words: str) -> str:
        """Run a command on the same data folder."""
        command = [sys.executable, "manage.py", *words, "--data", str(self.folder)]
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """Start a server on an empty folder and wait for its first page."""
    port, tls_port = free_port(), free_port()
    words = ["lab", "--port", str(port), "--tls-port", str(tls_port), "--data", str(folder)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "KUBARIUM_LOG": "ERROR"},
    )
    try:
        _wait_for_page(port)
        yield Server(process, port, tls_port, folder, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for_page(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server did not answer")


class Api:
    """A keep-alive HTTPS client of one lab."""

    def __init__(self, server: Server, slug: str, token: str):
        context = ssl._create_unverified_context()
        self._connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, context=context)
        self._base = f"/labs/{slug}"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, self._base + path, data, {**self._headers, "Content-Type": kind})
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        return json.loads(text)

    def timed(self, method: str, path: str, body: Any = None) -> float:
        """Return how long one request took, in milliseconds."""
        began = time.perf_counter()
        self.send(method, path, body)
        return (time.perf_counter() - began) * 1000


def open_lab(server: Server, name: str, *more: str) -> Api:
    """Make a lab and return its client."""
    server.manage("labs", "create", name, *more)
    import yaml

    config = yaml.safe_load(server.manage("labs", "kubeconfig", name))
    address = config["clusters"][0]["cluster"]["server"]
    return Api(server, address.rpartition("/")[2], config["users"][0]["user"]["token"])
