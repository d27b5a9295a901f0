"""Probes decide readiness and restarts."""

from __future__ import annotations

from cluster.workloads.process import WebRequest
from tests.kubelet.node_lab import NodeLab

HEALTHY = {"args": ["/bin/sh", "-c", "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"]}


def test_the_liveness_example_of_the_documentation_restarts(lab: NodeLab) -> None:
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    lab.pod("liveness", "busybox", container={**HEALTHY, "livenessProbe": probe})
    lab.run(30)
    assert lab.container("liveness")["restartCount"] == 0
    lab.run(60)
    assert lab.container("liveness")["restartCount"] == 1
    assert lab.container("liveness")["lastState"]["terminated"]["exitCode"] == 137
    assert lab.events("liveness")[4:6] == [
        ("Unhealthy", "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n"),
        ("Killing", "Container c failed liveness probe, will be restarted"),
    ]


def test_an_http_readiness_probe_makes_a_pod_ready(lab: NodeLab) -> None:
    lab.pod(container={"readinessProbe": {"httpGet": {"path": "/", "port": 80}, "initialDelaySeconds": 8}})
    lab.run(8)
    assert not lab.container()["ready"]
    lab.run(5)
    assert lab.container()["ready"]
    assert '"kube-probe/1.36"' in lab.logs()


def test_a_failing_http_readiness_probe_keeps_a_pod_unready(lab: NodeLab) -> None:
    lab.pod(container={"readinessProbe": {"httpGet": {"path": "/none", "port": 80}}})
    lab.run(10)
    assert ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404") in lab.events()
    assert lab.get()["status"]["phase"] == "Running"
    assert not lab.container()["ready"]


def test_a_port_nobody_listens_on_refuses(lab: NodeLab) -> None:
    lab.pod(
        container={
            "readinessProbe": {"tcpSocket": {"port": 81}},
            "livenessProbe": {"httpGet": {"path": "/x", "port": 82}, "failureThreshold": 9},
        }
    )
    lab.run(6)
    refused = "connect: connection refused"
    assert ("Unhealthy", f"Readiness probe failed: dial tcp 10.244.1.2:81: {refused}") in lab.events()
    get = f'Liveness probe failed: Get "http://10.244.1.2:82/x": dial tcp 10.244.1.2:82: {refused}'
    assert ("Unhealthy", get) in lab.events()


def test_a_startup_probe_holds_the_others_back(lab: NodeLab) -> None:
    command = ["sh", "-c", "sleep 25; touch /tmp/up; sleep 1000"]
    lab.pod(
        "slow",
        "busybox",
        container={
            "command": command,
            "startupProbe": {"exec": {"command": ["cat", "/tmp/up"]}, "periodSeconds": 10, "failureThreshold": 30},
            "livenessProbe": {"exec": {"command": ["false"]}, "failureThreshold": 1},
        },
    )
    lab.run(20)
    assert not lab.container("slow")["started"]
    lab.run(14)
    assert lab.container("slow")["restartCount"] == 0
    assert lab.container("slow")["started"]


def test_a_slow_exec_probe_times_out(lab: NodeLab) -> None:
    lab.pod(container={"readinessProbe": {"exec": {"command": ["sleep", "5"]}, "timeoutSeconds": 2}})
    lab.run(8)
    assert any("timed out" in text for reason, text in lab.events() if reason == "Unhealthy")


def test_probes_that_change_nothing_write_nothing(lab: NodeLab) -> None:
    lab.pod("db", "redis:7", container={"livenessProbe": {"tcpSocket": {"port": 6379}}})
    lab.run(20)
    before = lab.store.revision
    lab.state.drain()
    lab.run(8)
    assert lab.store.revision - before <= 1  # a lease
    assert lab.state.drain().saved == {}


def test_a_request_reaches_the_process_that_listens(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    reply = lab.kubelets.serve(lab.get()["metadata"]["uid"], 80, WebRequest("GET", "http://web/", client="10.0.0.9"))
    assert reply.status == 200
    assert b"Welcome to nginx!" in reply.body
    assert lab.logs(tailLines="1").startswith('10.0.0.9 - - [01/Jan/2026:00:00:10 +0000] "GET / HTTP/1.1" 200 ')


def test_probes_that_keep_passing_fall_into_step_with_the_heartbeats(lab: NodeLab) -> None:
    for number in range(4):
        lab.pod(f"db-{number}", "redis:7", container={"livenessProbe": {"tcpSocket": {"port": 6379}}})
        lab.run(3.3)
    lab.run(60)
    moments = set()
    end = lab.clock.now() + 100
    while lab.clock.now() < end:
        lab.schedule.run_until(lab.kubelets.next_due() or end)
        moments.add(lab.clock.now())
    assert len(moments) <= 11
