"""ComponentStatus says how the control plane's components are."""

from __future__ import annotations

from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation


def test_a_component_whose_manifest_was_moved_away_is_unhealthy() -> None:
    lab = Simulation.create(LabSettings(workers=0))
    assert lab.run("kubectl get cs -o jsonpath='{.items[*].conditions[0].status}'").stdout == "True True True"
    lab.run("ssh cp-1 mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/")
    lab.advance(30)
    stopped = lab.run("kubectl get cs scheduler").stdout.splitlines()[1]
    assert stopped.split()[:2] == ["scheduler", "Unhealthy"]
    assert "dial tcp 127.0.0.1:10259: connect: connection refused" in stopped
    assert lab.run("kubectl get cs controller-manager -o jsonpath='{.conditions[0].message}'").stdout == "ok"
