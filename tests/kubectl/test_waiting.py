"""Commands that wait: wait, rollout status, drain."""

from __future__ import annotations

from tests.kubectl.desk import Desk


def finish(desk: Desk, name: str) -> None:
    """Say that a Deployment has rolled out."""
    live = desk.client.get("deployments.apps", name, "default")
    wanted = live["spec"]["replicas"]
    desk.client.update_status("deployments.apps", {**live, "status": {
        "observedGeneration": live["metadata"]["generation"], "replicas": wanted, "updatedReplicas": wanted,
        "readyReplicas": wanted, "availableReplicas": wanted,
        "conditions": [{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}]}})


def test_wait_ends_when_the_condition_is_met(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    call = desk.start("wait", "--for=condition=Available", "deploy/web")
    assert call.state["exit"] is None
    finish(desk, "web")
    assert desk.step(call) == 0
    assert "".join(call.out) == "deployment.apps/web condition met\n"


def test_wait_times_out_in_the_real_words(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    answer = desk.run("wait", "--for=jsonpath={.status.phase}=X", "deploy/web", "--timeout=3s", patience=5)
    assert (answer.err, answer.code) == ("error: timed out waiting for the condition on deployments.apps/web\n", 1)


def test_wait_finds_what_controllers_make_while_a_real_kubectl_would_be_starting(desk: Desk) -> None:
    call = desk.start("wait", "--for=jsonpath={.data.a}=b", "cm", "-l", "made=late")
    assert call.state["exit"] is None
    desk.client.create("configmaps", {"metadata": {"name": "late", "labels": {"made": "late"}}, "data": {"a": "b"}},
                       "default")
    desk.server.clock.move_to(desk.server.clock.now() + 0.2)
    assert desk.step(call) == 0
    assert "".join(call.out) == "configmap/late condition met\n"


def test_wait_says_that_nothing_matches(desk: Desk) -> None:
    answer = desk.run("wait", "--for=condition=Ready", "pod", "--all", patience=5)
    assert (answer.err, answer.code) == ("error: no matching resources found\n", 1)


def test_wait_for_what_is_not_there_yet(desk: Desk) -> None:
    call = desk.start("wait", "--for=create", "cm/late", "--timeout=60s")
    assert call.state["exit"] is None
    desk.say("kubectl create cm late")
    assert desk.step(call) == 0


def test_rollout_status_says_each_step_once(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    call = desk.start("rollout", "status", "deploy/web")
    desk.step(call)
    finish(desk, "web")
    assert desk.step(call) == 0
    assert "".join(call.out) == ('Waiting for deployment spec update to be observed...\n'
                                 'deployment "web" successfully rolled out\n')


def test_a_paused_deployment_is_not_restarted(desk: Desk) -> None:
    desk.say("kubectl apply -f web.yaml")
    assert desk.say("kubectl rollout pause deploy web").out == "deployment.apps/web paused\n"
    assert desk.say("kubectl rollout pause deploy web").err == 'error: deployments.apps "web" is already paused\n'
    assert desk.say("kubectl rollout restart deploy web").code == 1
