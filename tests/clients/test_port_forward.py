"""Real kubectl's port-forward, over SPDY and through WebSockets, and what curl and a Redis client get through it."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cluster.management.bench.process import free_port
from tests.clients.conftest import Kubectl
from tests.clients.test_kubectl import PATIENCE

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def forwarding(kubectl: Kubectl) -> Iterator[Kubectl]:
    """A namespace with a web server behind a Service, and a Redis."""
    made = Kubectl(kubectl.path, kubectl.config, f"forward-{kubectl.namespace}")
    made("create", "namespace", made.namespace)
    made.here("create", "deployment", "web", "--image=nginx:1.27")
    made.here("expose", "deployment", "web", "--port=80")
    made.here("run", "cache", "--image=redis:7", "--port=6379")
    made.here("wait", "--for=condition=Available", "deployment/web", "--timeout=30s")
    made.here("wait", "--for=condition=Ready", "pod/cache", "--timeout=30s")
    yield made
    made("delete", "namespace", made.namespace, "--wait=false")


class Forward:
    """A running `kubectl port-forward` and what it has said."""

    def __init__(self, kubectl: Kubectl, target: str, *ports: str):
        command = kubectl.command(["-n", kubectl.namespace, "port-forward", target, *ports])
        self.errors, self.ended = "", False
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def first_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """Stop it as Ctrl-C does, once; return what it said on standard error."""
        if not self.ended:
            self.ended = True
            self.process.terminate()
            self.errors = self.process.communicate(timeout=PATIENCE)[1]
        return self.errors


@contextmanager
def forward(kubectl: Kubectl, target: str, *ports: str) -> Iterator[Forward]:
    running = Forward(kubectl, target, *ports)
    try:
        yield running
    finally:
        running.end()


def curl(port: int, *words: str) -> str:
    done = subprocess.run(
        ["curl", "-s", "--max-time", "10", *words, f"http://127.0.0.1:{port}/"], capture_output=True, text=True
    )
    return done.stdout


def test_a_service_is_reached_through_a_forwarded_port(forwarding: Kubectl) -> None:
    port = free_port()
    with forward(forwarding, "svc/web", f"{port}:80") as running:
        assert running.first_line() == f"Forwarding from 127.0.0.1:{port} -> 80"
        assert "Welcome to nginx!" in curl(port)
        assert "Welcome to nginx!" in curl(port)  # a second connection
        assert curl(port, "-I").startswith("HTTP/1.1 200 OK\n")
    pod = forwarding.here("get", "pods", "-l", "app=web", "-o", "name").strip()
    assert "curl" in forwarding.here("logs", pod)


def test_several_ports_and_requests_on_one_connection(forwarding: Kubectl) -> None:
    first, second = free_port(), free_port()
    with forward(forwarding, "deployment/web", f"{first}:80", f"{second}:80") as running:
        running.first_line()
        assert "Welcome to nginx!" in curl(second)
        twice = subprocess.run(
            ["curl", "-sv", f"http://127.0.0.1:{first}/", f"http://127.0.0.1:{first}/none", "--next"],
            capture_output=True,
            text=True,
        )
        assert "Re-using existing" in twice.stderr or "Reusing existing" in twice.stderr
        assert "404 Not Found" in twice.stdout


def test_redis_commands_reach_the_redis(forwarding: Kubectl) -> None:
    port = free_port()
    with forward(forwarding, "pod/cache", f"{port}:6379") as running:
        running.first_line()
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"*3\r\n$3\r\nSET\r\n$4\r\nname\r\n$3\r\nada\r\n*2\r\n$3\r\nGET\r\n$4\r\nname\r\n")
            wanted, said = b"+OK\r\n$3\r\nada\r\n", b""
            while len(said) < len(wanted):
                said += client.recv(100)
            assert said == wanted
    assert forwarding.here("exec", "cache", "--", "redis-cli", "GET", "name").strip() == "ada"


def test_a_port_nobody_listens_on_is_refused_in_the_log(forwarding: Kubectl) -> None:
    port = free_port()
    pod = forwarding.here("get", "pods", "-l", "app=web", "-o", "name").strip()
    with forward(forwarding, pod, f"{port}:81") as running:
        running.first_line()
        assert curl(port) == ""
        said = running.end()
    assert f"an error occurred forwarding {port} -> 81: error forwarding port 81 to pod " in said
    assert "connect: connection refused" in said
