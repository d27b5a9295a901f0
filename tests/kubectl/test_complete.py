"""Tab completion."""

from __future__ import annotations

import pytest

from cluster.kubectl.complete import complete
from tests.kubectl.desk import Desk


@pytest.mark.parametrize(("line", "offered"), [
    ("kubectl rollout re", ["restart", "resume"]),
    ("kubectl get configma", ["configmaps"]),
    ("kubectl get cm ", ["settings"]),
    ("kubectl describe cm/", ["cm/settings"]),
    ("kubectl get pods -n kube-", ["kube-node-lease", "kube-public", "kube-system"]),
    ("kubectl get pods --wat", ["--watch", "--watch-only"]),
    ("kubectl get pods -o ya", ["yaml"]),
    ("kubectl create secret ", ["docker-registry", "generic", "tls"]),
    ("kubectl delete cm settings ", []),
    ("kubectl apply -f ", None),
])
def test_a_line_is_completed_by_what_may_follow(desk: Desk, line: str, offered: list[str] | None) -> None:
    desk.say("kubectl create -f cm.yaml")
    assert complete(line.split(" "), desk.client) == offered
