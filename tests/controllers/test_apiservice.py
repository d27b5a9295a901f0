"""Whether somebody answers for an aggregated API."""

from __future__ import annotations

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


def shown(lab: Simulation, name: str) -> list[str]:
    return lab.run(f"kubectl get apiservice {name} --no-headers").stdout.split()[1:-1]


def test_the_metrics_api_is_available_while_metrics_server_is_ready() -> None:
    lab = Simulation.create(LabSettings())
    assert shown(lab, "v1beta1.metrics.k8s.io") == ["kube-system/metrics-server", "True"]
    lab.run("kubectl -n kube-system scale deployment metrics-server --replicas=0")
    lab.advance(60)
    assert shown(lab, "v1beta1.metrics.k8s.io") == ["kube-system/metrics-server", "False", "(MissingEndpoints)"]
    lab.run("kubectl -n kube-system delete service metrics-server")
    lab.advance(5)
    assert shown(lab, "v1beta1.metrics.k8s.io") == ["kube-system/metrics-server", "False", "(ServiceNotFound)"]


def test_local_apis_stay_as_they_are() -> None:
    lab = Simulation.create(LabSettings())
    assert shown(lab, "v1.apps") == ["Local", "True"]
