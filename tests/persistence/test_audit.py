"""The audit log is one file, whichever process answered: web processes leave lines, the worker appends them."""

from __future__ import annotations

import json

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.launch import Launch
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN
from cluster.models import AuditLine, Lab, Visitor
from cluster.persistence import labs
from cluster.persistence.audit import LINES
from cluster.persistence.replica import Replica
from cluster.runtime.simulation import Simulation
from cluster.web.gate import build_api, find

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/var/log/kubernetes/audit.log"
POLICY = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n"
LAUNCH = Launch.of(
    {
        "argv": ["--authorization-mode=Node,RBAC", f"--audit-log-path={PATH}", "--audit-policy-file=/etc/audit.yaml"],
        "files": {"/etc/audit.yaml": POLICY},
    }
)


@pytest.fixture
def lab(transactional_db: None) -> Lab:
    return labs.create(Visitor.objects.create(), "one", nodes=1, seed=1, instant=True)


def audited(lab: Lab) -> Client:
    """Return a client of a web process whose API server keeps an audit log."""
    server = build_api(find(lab.slug), OpenApi()).server
    server.start(LAUNCH)
    return Client(server, ADMIN)


def start(simulation: Simulation) -> None:
    simulation.server.start(LAUNCH)


def test_what_a_web_process_answered_stands_in_the_workers_file(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    replica.run([start])
    audited(lab).create("configmaps", {"metadata": {"name": "from-outside"}}, "default")
    LINES.flush()
    assert AuditLine.objects.count() == 1
    replica.run()
    assert AuditLine.objects.count() == 0
    heard: list[str] = []
    replica.run([lambda simulation: heard.append(simulation.run(f"ssh cp-1 cat {PATH}").stdout)])
    names = [json.loads(line).get("objectRef", {}).get("name") for line in heard[0].splitlines()]
    assert "from-outside" in names


def test_lines_wait_while_a_slice_fails_and_are_written_once(lab: Lab) -> None:
    replica = Replica(lab.pk, "worker")
    replica.run([start])
    audited(lab).get("namespaces", "default")
    LINES.flush()

    def break_down(simulation: Simulation) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        replica.run([break_down])
    assert AuditLine.objects.count() == 1


def test_a_lab_without_an_audit_log_leaves_no_lines(lab: Lab) -> None:
    Client(build_api(find(lab.slug), OpenApi()).server, ADMIN).get("namespaces", "default")
    LINES.flush()
    assert AuditLine.objects.count() == 0


def test_a_deleted_lab_takes_its_lines_along(lab: Lab) -> None:
    audited(lab).get("namespaces", "default")
    LINES.flush()
    labs.delete(lab)
    assert AuditLine.objects.count() == 0
