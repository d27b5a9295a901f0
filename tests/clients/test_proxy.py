"""Real kubectl and curl through the API server's proxies to pods, services and nodes."""

from __future__ import annotations

import subprocess

import pytest

from cluster.management.bench.process import free_port
from tests.clients.conftest import Kubectl
from tests.clients.test_kubectl import PATIENCE

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def space(kubectl: Kubectl) -> Kubectl:
    """A namespace with a web server behind a Service, and a pod that tells what it is asked."""
    made = Kubectl(kubectl.path, kubectl.config, f"proxy-{kubectl.namespace}")
    made("create", "namespace", made.namespace)
    made.here("create", "deployment", "web", "--image=nginx:1.27")
    made.here("expose", "deployment", "web", "--port=80")
    made.here("run", "echo", "--image=registry.k8s.io/echoserver:1.10", "--port=8080")
    made.here("wait", "--for=condition=Available", "deployment/web", "--timeout=30s")
    made.here("wait", "--for=condition=Ready", "pod/echo", "--timeout=30s")
    return made


def test_raw_requests_reach_services_and_nodes(space: Kubectl) -> None:
    path = f"/api/v1/namespaces/{space.namespace}/services/http:web:80/proxy/"
    assert "Welcome to nginx!" in space("get", "--raw", path)
    assert space("get", "--raw", "/api/v1/nodes/worker-1/proxy/healthz") == "ok"
    refused = space.try_("get", "--raw", f"/api/v1/namespaces/{space.namespace}/services/web:81/proxy/")
    assert 'no service port 81 found for service "web"' in refused.stderr


def test_kubectl_proxy_carries_a_client_s_own_requests(space: Kubectl) -> None:
    port = free_port()
    command = space.command(["proxy", f"--port={port}"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            assert f"Starting to serve on 127.0.0.1:{port}" in running.stdout.readline()
            base = f"http://127.0.0.1:{port}/api/v1/namespaces/{space.namespace}"
            words = ["-s", "-X", "PUT", "-H", "X-Mark: me", "-d", "hello", f"{base}/pods/echo:8080/proxy/a/?x=1"]
            said = subprocess.run(["curl", *words], capture_output=True, text=True, timeout=PATIENCE).stdout
            assert "method=PUT" in said and "query=x=1" in said and "x-mark=me" in said and "hello" in said
            moved = ["-sL", "-o", "/dev/null", "-w", "%{http_code} %{num_redirects}", f"{base}/services/web/proxy"]
            done = subprocess.run(["curl", *moved], capture_output=True, text=True, timeout=PATIENCE)
            assert done.stdout == "200 1"
        finally:
            running.terminate()
