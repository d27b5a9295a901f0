from __future__ import annotations

import pytest

from cluster.machinery.meta import Object
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation
from cluster.workloads.process import WebReply, WebRequest


class NetLab:
    """A whole small cluster in which nothing takes time, with short builders."""

    def __init__(self) -> None:
        self.simulation = Simulation.create(LabSettings(workers=2, instant=True))
        self.client = self.simulation.client()
        self.network = self.simulation.network

    def run(self, seconds: float = 0.0) -> None:
        self.simulation.advance(seconds)

    def deployment(self, name: str, image: str = "nginx:1.27", replicas: int = 2, port: int = 80) -> None:
        container = {"name": "c", "image": image, "ports": [{"containerPort": port}]}
        template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
        self.create(
            "deployments.apps", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}}, spec
        )

    def service(self, name: str, **spec: object) -> Object:
        body = {"ports": [{"port": 80}], "selector": {"app": name}, **spec}
        return self.create("services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}}, body)

    def create(self, resource: str, body: Object, spec: object) -> Object:
        made = self.client.create(resource, {**body, "spec": spec}, "default")
        self.run()
        return made

    def pods(self, app: str) -> list[Object]:
        return list(self.client.list("pods", "default", label_selector=f"app={app}")["items"])

    def fetch(self, url: str, **fields: object) -> WebReply:
        return self.network.fetch_from_outside(WebRequest("GET", url, **fields))  # type: ignore[arg-type]

    def fetch_in(self, pod: str, url: str) -> WebReply:
        return self.network.fetch_from_pod("default", pod, WebRequest("GET", url))


@pytest.fixture
def net() -> NetLab:
    return NetLab()
