"""Real kubectl, four versions of it, against one running lab. The tests of a version build on each other."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.clients.conftest import Kubectl
from tests.clients.screens import Screen

pytestmark = pytest.mark.clients

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {{name: settings}}
data: {{greeting: {greeting}}}
"""
TICKER = """apiVersion: v1
kind: Pod
metadata: {name: ticker, labels: {app: ticker}}
spec:
  containers:
  - name: ticker
    image: busybox:1.36
    command: ["sh", "-c", "for i in 1 2 3; do echo tick $i; sleep 1; done"]
  restartPolicy: Never
"""
PATIENCE = 20.0


def until(wanted: Callable[[], bool]) -> None:
    """Wait for another process to do something."""
    end = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_version_names_the_server(kubectl: Kubectl) -> None:
    said = json.loads(kubectl("version", "-o", "json"))
    assert said["serverVersion"]["gitVersion"] == "v1.36.2"


def test_get_shows_the_system_pods_of_all_namespaces(kubectl: Kubectl) -> None:
    lines = kubectl("get", "pods", "-A").splitlines()
    assert lines[0].split() == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert any("kube-apiserver-cp-1" in line and "Running" in line for line in lines)


def test_a_deployment_is_created_rolled_out_and_waited_for(kubectl: Kubectl) -> None:
    assert "deployment.apps/web created" in kubectl.here("create", "deployment", "web", "--image=nginx", "--replicas=2")
    assert "successfully rolled out" in kubectl.here("rollout", "status", "deployment/web", "--timeout=30s")
    kubectl.here("wait", "--for=condition=Available", "deployment/web", "--timeout=30s")
    assert len(kubectl.here("get", "pods", "-l", "app=web", "-o", "name").split()) == 2


def test_a_watch_shows_event_by_event(kubectl: Kubectl) -> None:
    command = kubectl.command(["-n", kubectl.namespace, "get", "configmaps", "-w", "-o", "name"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        try:
            assert watching.stdout.readline().strip() == "configmap/kube-root-ca.crt"
            for name in ("first", "second"):
                kubectl.here("create", "configmap", name)
                assert watching.stdout.readline().strip() == f"configmap/{name}"
        finally:
            watching.kill()


def test_apply_creates_then_configures_then_changes_nothing(kubectl: Kubectl) -> None:
    outputs = [
        kubectl.here("apply", "-f", "-", stdin=CONFIG.format(greeting=word)).strip()
        for word in ("hi", "hello", "hello")
    ]
    assert [line.rpartition(" ")[2] for line in outputs] == ["created", "configured", "unchanged"]


def test_an_unknown_field_is_refused(kubectl: Kubectl) -> None:
    refused = kubectl.try_(
        "-n", kubectl.namespace, "apply", "-f", "-", stdin=CONFIG.format(greeting="x") + "spice: 1\n"
    )
    assert refused.returncode == 1
    assert "spice" in refused.stderr


def test_patch_edits(kubectl: Kubectl) -> None:
    kubectl.here("patch", "configmap", "settings", "--type=merge", "-p", '{"data":{"more":"yes"}}')
    assert kubectl.here("get", "configmap", "settings", "-o", "jsonpath={.data.more}") == "yes"


def test_describe_tells_the_story(kubectl: Kubectl) -> None:
    text = kubectl.here("describe", "deployment", "web")
    assert "ScalingReplicaSet" in text and "NewReplicaSet:" in text
    assert "Successfully assigned" in kubectl.here("describe", "pods", "-l", "app=web")


def test_logs_are_followed_to_the_end(kubectl: Kubectl) -> None:
    kubectl.here("apply", "-f", "-", stdin=TICKER)
    kubectl.here("wait", "--for=jsonpath={.status.phase}=Running", "pod/ticker", "--timeout=30s")
    assert kubectl.here("logs", "-f", "ticker").split("\n") == ["tick 1", "tick 2", "tick 3", ""]


def test_exec_answers_with_output_and_exit_code(kubectl: Kubectl) -> None:
    pod = kubectl.here("get", "pods", "-l", "app=web", "-o", "name").split()[0]
    assert kubectl.here("exec", pod, "--", "hostname").strip() == pod.removeprefix("pod/")
    script = "read name; echo hello $name; echo trouble >&2; exit 7\nada\n"
    done = kubectl.try_("-n", kubectl.namespace, "exec", "-i", pod, "--", "sh", stdin=script)
    assert (done.stdout.strip(), done.returncode) == ("hello ada", 7)
    assert "trouble" in done.stderr and "exit code 7" in done.stderr


def test_exec_is_interactive_in_a_terminal(kubectl: Kubectl) -> None:
    pod = kubectl.here("get", "pods", "-l", "app=web", "-o", "name").split()[0]
    command = kubectl.command(["-n", kubectl.namespace, "exec", "-it", pod, "--", "sh"])
    with Screen(command, kubectl.home) as screen:
        screen.wait_for("#")
        screen.type("echo it-is-$((40+2))")
        screen.wait_for("it-is-42")
        screen.type("exit 5")
        assert screen.code() == 5


def test_an_image_rolls_forward_and_back(kubectl: Kubectl) -> None:
    kubectl.here("set", "image", "deployment/web", "nginx=nginx:1.27")
    kubectl.here("rollout", "status", "deployment/web", "--timeout=60s")
    history = kubectl.here("rollout", "history", "deployment/web")
    assert [line.split()[0] for line in history.splitlines()[2:] if line.strip()] == ["1", "2"]
    assert "rolled back" in kubectl.here("rollout", "undo", "deployment/web")
    kubectl.here("rollout", "status", "deployment/web", "--timeout=60s")
    image = kubectl.here("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    assert image == "nginx"


def test_scale_goes_through_the_subresource(kubectl: Kubectl) -> None:
    kubectl.here("scale", "deployment/web", "--replicas=3")
    until(lambda: kubectl.here("get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}") == "3")


def test_explain_knows_the_fields(kubectl: Kubectl) -> None:
    text = kubectl("explain", "deployment.spec.replicas")
    assert "Number of desired pods" in text and "<integer>" in text


def test_a_node_is_drained_and_comes_back(kubectl: Kubectl) -> None:
    try:
        kubectl("drain", "worker-1", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s")
        assert "SchedulingDisabled" in kubectl("get", "node", "worker-1")
        left = kubectl.here("get", "pods", "-l", "app=web", "--field-selector=spec.nodeName=worker-1", "-o", "name")
        assert left == ""
    finally:
        kubectl("uncordon", "worker-1")
    assert "SchedulingDisabled" not in kubectl("get", "node", "worker-1")


def test_delete_takes_the_pods_along(kubectl: Kubectl) -> None:
    assert "deleted" in kubectl.here("delete", "deployment", "web")
    until(lambda: kubectl.here("get", "pods", "-l", "app=web", "-o", "name") == "")
    kubectl("delete", "namespace", kubectl.namespace, "--timeout=60s")
    assert kubectl.try_("get", "namespace", kubectl.namespace).returncode == 1
