"""The audit log as a file on the control-plane machine."""

from __future__ import annotations

import json

from cluster.apiserver.launch import Launch
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: Request, resources: [{group: apps, resources: [deployments]}], verbs: [create]}
"""
PATH = "/var/log/kubernetes/audit.log"
CA = "/etc/kubernetes/pki/ca.crt"


def audited(lab: Simulation) -> None:
    """Start the API server with an audit log; its clients' certificates still count."""
    argv = ["--authorization-mode=Node,RBAC", f"--audit-log-path={PATH}", "--audit-policy-file=/etc/audit.yaml"]
    files = {"/etc/audit.yaml": POLICY, CA: lab.server.roots}
    lab.server.start(Launch.of({"argv": [*argv, f"--client-ca-file={CA}"], "files": files}))


def test_what_the_learner_does_is_read_from_the_machines_disk() -> None:
    lab = Simulation.create(LabSettings())
    audited(lab)
    lab.run("kubectl create deployment web --image=nginx")
    read = lab.run(f"ssh cp-1 cat {PATH}")
    (line,) = read.stdout.splitlines()
    event = json.loads(line)
    assert event["requestObject"]["metadata"]["name"] == "web" and event["user"]["username"] == "kubernetes-admin"
    assert lab.run(f"ssh worker-1 cat {PATH}").code == 1


def test_the_log_can_be_followed_while_requests_come() -> None:
    lab = Simulation.create(LabSettings())
    audited(lab)
    lab.run("kubectl create deployment one --image=nginx")
    job = lab.terminals.begin_line("t1", f"ssh cp-1 'tail -f {PATH}'")
    lab.advance(1)
    lab.client().create(
        "deployments.apps",
        {
            "metadata": {"name": "two", "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "nginx"}]},
                },
            },
        },
    )
    lab.advance(5)
    shown, _ = lab.terminals.end_line(job)
    names = [json.loads(line)["objectRef"]["name"] for line in shown.decode().splitlines()]
    assert names == ["one", "two"]
