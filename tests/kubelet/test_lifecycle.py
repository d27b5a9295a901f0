"""A pod's way from bound to gone."""

from __future__ import annotations

import json

import pytest

from cluster.machinery.errors import StatusError
from tests.kubelet.node_lab import NodeLab


def conditions(lab: NodeLab, name: str = "web") -> dict[str, str]:
    return {one["type"]: one["status"] for one in lab.get(name)["status"]["conditions"]}


def test_a_pod_is_pulled_created_started_and_ready(lab: NodeLab) -> None:
    lab.pod()
    lab.run(0)
    assert lab.get()["status"]["phase"] == "Pending"
    assert lab.container()["state"]["waiting"] == {"reason": "ContainerCreating"}
    lab.run(5)
    status = lab.get()["status"]
    assert status["phase"] == "Running"
    assert set(conditions(lab).values()) == {"True"}
    assert status["podIP"] == "10.244.1.2"
    assert lab.container()["imageID"].startswith("docker.io/library/nginx@sha256:")
    assert [reason for reason, _ in lab.events()] == ["Pulling", "Pulled", "Created", "Started"]


def test_an_instant_pod_costs_one_status_write_and_four_events(instant: NodeLab) -> None:
    before = instant.store.revision
    instant.pod()
    instant.run(0)
    written = [revision.resource for revision in instant.store.since(before)]
    assert written.count("pods") == 2
    assert written.count("events") == 4
    assert instant.container()["ready"]


def test_an_image_in_the_cache_is_not_pulled_again(lab: NodeLab) -> None:
    lab.pod("one")
    lab.run(10)
    lab.pod("two")
    lab.run(10)
    message = 'Container image "nginx:1.27" already present on machine and can be accessed by the pod'
    assert lab.events("two")[0] == ("Pulled", message)


def test_a_container_that_exits_zero_completes_a_pod_that_never_restarts(lab: NodeLab) -> None:
    lab.pod("once", "busybox", restartPolicy="Never", container={"command": ["sh", "-c", "echo done"]})
    lab.run(10)
    status = lab.get("once")["status"]
    assert status["phase"] == "Succeeded"
    assert {one.get("reason") for one in status["conditions"] if one["type"] == "Ready"} == {"PodCompleted"}
    assert lab.container("once")["state"]["terminated"]["reason"] == "Completed"
    assert lab.logs("once") == "done\n"


def test_a_failing_container_backs_off_longer_each_time(lab: NodeLab) -> None:
    lab.pod("crash", "busybox", container={"command": ["sh", "-c", "exit 3"]})
    lab.run(6)
    waiting = lab.container("crash")["state"]["waiting"]
    assert waiting["reason"] == "CrashLoopBackOff"
    assert waiting["message"].startswith("back-off 10s restarting failed container=c pod=crash_default(")
    assert lab.container("crash")["lastState"]["terminated"]["exitCode"] == 3
    lab.run(20)
    assert lab.container("crash")["state"]["waiting"]["message"].startswith("back-off 20s")
    lab.run(600)
    assert lab.container("crash")["state"]["waiting"]["message"].startswith("back-off 5m0s")


def test_a_good_run_of_ten_minutes_forgives_the_back_off(lab: NodeLab) -> None:
    lab.pod("slow", "busybox", container={"command": ["sh", "-c", "sleep 700; exit 1"]})
    lab.run(2200)
    assert lab.container("slow")["restartCount"] == 3


def test_a_missing_executable_is_a_start_error(lab: NodeLab) -> None:
    lab.pod("nocmd", "busybox", container={"command": ["foo"]})
    lab.run(6)
    last = lab.container("nocmd")["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (128, "StartError")
    assert 'exec: "foo": executable file not found in $PATH' in last["message"]


def test_deletion_stops_a_server_at_once_and_removes_the_pod(lab: NodeLab) -> None:
    lab.pod()
    lab.run(10)
    lab.client.delete("pods", "web", "default")
    lab.run(1)
    with pytest.raises(StatusError, match='pods "web" not found'):
        lab.get()
    assert lab.events()[-1] == ("Killing", "Stopping container c")
    assert lab.state.keys("kubelet/") == []
    assert lab.state.get("ipam/worker-1")["held"] == {}


def test_a_process_that_ignores_sigterm_lives_out_its_grace(lab: NodeLab) -> None:
    lab.pod("sleepy", "busybox", container={"command": ["sleep", "3600"]})
    lab.run(10)
    lab.client.delete("pods", "sleepy", "default")
    lab.run(29)
    assert lab.get("sleepy")["metadata"]["deletionTimestamp"]
    lab.run(2)
    assert lab.store.get("pods", "default", "sleepy") is None


def test_init_containers_run_in_order_before_the_others(lab: NodeLab) -> None:
    volume = {"name": "w", "mountPath": "/work"}
    init = [
        {"name": "first", "image": "busybox", "command": ["sh", "-c", "sleep 5; echo one > /work/log"]},
        {"name": "second", "image": "busybox", "command": ["sh", "-c", "echo two >> /work/log"]},
    ]
    lab.pod(
        "ordered",
        "busybox",
        initContainers=[{**one, "volumeMounts": [volume]} for one in init],
        volumes=[{"name": "w", "emptyDir": {}}],
        container={"command": ["sh", "-c", "cat /work/log; sleep 1000"], "volumeMounts": [volume]},
    )
    lab.run(3)
    status = lab.get("ordered")["status"]
    initialized = next(one for one in status["conditions"] if one["type"] == "Initialized")
    assert initialized["message"] == "containers with incomplete status: [first second]"
    assert lab.container("ordered")["state"]["waiting"]["reason"] == "PodInitializing"
    lab.run(20)
    assert lab.logs("ordered") == "one\ntwo\n"


def test_a_sidecar_starts_before_and_ends_after_the_main_container(lab: NodeLab) -> None:
    side = {"name": "side", "image": "nginx:1.27", "restartPolicy": "Always"}
    lab.pod(
        "job", "busybox", initContainers=[side], restartPolicy="Never", container={"command": ["sh", "-c", "sleep 5"]}
    )
    lab.run(6)
    assert lab.get("job")["status"]["initContainerStatuses"][0]["ready"]
    lab.run(10)
    status = lab.get("job")["status"]
    assert status["phase"] == "Succeeded"
    assert status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"] == 0


def test_a_slow_post_start_hook_keeps_the_container_waiting(lab: NodeLab) -> None:
    hook = {"postStart": {"exec": {"command": ["sh", "-c", "sleep 20; echo hi > /tmp/hi"]}}}
    lab.pod(container={"lifecycle": hook})
    lab.run(10)
    assert lab.container()["state"]["waiting"]["reason"] == "ContainerCreating"
    lab.run(15)
    assert lab.container()["ready"]


def test_a_failing_post_start_hook_kills_the_container(lab: NodeLab) -> None:
    lab.pod(container={"lifecycle": {"postStart": {"exec": {"command": ["sh", "-c", "exit 7"]}}}})
    lab.run(5)
    assert "FailedPostStartHook" in [reason for reason, _ in lab.events()]
    assert not lab.container()["ready"]


def test_a_pre_stop_hook_runs_before_the_signal(lab: NodeLab) -> None:
    lab.pod(container={"lifecycle": {"preStop": {"sleep": {"seconds": 10}}}})
    lab.run(10)
    lab.client.delete("pods", "web", "default")
    lab.run(9)
    assert lab.container()["state"].get("running")
    lab.run(2)
    assert lab.store.get("pods", "default", "web") is None


def test_a_pod_past_its_deadline_fails(lab: NodeLab) -> None:
    lab.pod("late", "nginx:1.27", activeDeadlineSeconds=20)
    lab.run(25)
    status = lab.get("late")["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")


def test_a_pod_that_does_not_fit_is_rejected(lab: NodeLab) -> None:
    resources = {"requests": {"cpu": "3"}}
    lab.pod("one", container={"resources": resources})
    lab.pod("two", container={"resources": resources})
    lab.run(1)
    status = lab.get("two")["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
    assert status["message"] == (
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 3000, capacity: 4000"
    )


def test_two_servers_on_one_port_cannot_share_a_pod(lab: NodeLab) -> None:
    lab.pod(more=[{"name": "twin", "image": "nginx:1.27"}])
    lab.run(8)
    assert "bind() to 0.0.0.0:80 failed (98: Address already in use)" in lab.logs(container="twin")
    assert lab.container(index=1)["lastState"]["terminated"]["exitCode"] == 1


def test_more_memory_than_the_limit_is_an_oom_kill(lab: NodeLab) -> None:
    command = ["stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"]
    limits = {"limits": {"memory": "100Mi"}}
    lab.pod("hungry", "polinux/stress", container={"command": command, "resources": limits})
    lab.run(5)
    last = lab.container("hungry")["lastState"]["terminated"]
    assert (last["exitCode"], last["reason"]) == (137, "OOMKilled")


def test_everything_a_kubelet_knows_is_json(lab: NodeLab) -> None:
    lab.pod("shell", "busybox", container={"command": ["sh", "-c", "while true; do sleep 3; done"]})
    lab.run(10)
    for key in lab.state.keys(""):
        json.dumps(lab.state.get(key))


def test_a_new_worker_goes_on_from_the_state_book(lab: NodeLab) -> None:
    lab.pod(
        "clock",
        "busybox",
        container={"command": ["sh", "-c", "for i in 1 2 3 4; do echo $i; sleep 10; done; sleep 99"]},
    )
    lab.run(15)
    for key in lab.state.keys(""):
        lab.state.put(key, json.loads(json.dumps(lab.state.get(key))))
    lab.kubelets.resume()
    lab.run(30)
    assert lab.logs("clock") == "1\n2\n3\n4\n"
    assert lab.container("clock")["restartCount"] == 0


def test_an_image_that_runs_as_root_is_refused_where_root_is_forbidden(lab: NodeLab) -> None:
    lab.pod(container={"securityContext": {"runAsNonRoot": True}})
    lab.run(5)
    waiting = lab.container()["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert waiting["message"].startswith('container has runAsNonRoot and image will run as root (pod: "web_default(')


def test_a_server_that_writes_cannot_live_on_a_read_only_root(lab: NodeLab) -> None:
    lab.pod(container={"securityContext": {"readOnlyRootFilesystem": True}})
    lab.run(6)
    assert "(30: Read-only file system)" in lab.logs(previous="true")


def test_an_ephemeral_container_joins_a_running_pod(lab: NodeLab) -> None:
    lab.pod()
    lab.run(5)
    pod = lab.get()
    debugger = {"name": "debug", "image": "busybox", "command": ["sh", "-c", "hostname; sleep 60"]}
    debugger |= {"imagePullPolicy": "Always", "terminationMessagePolicy": "File"}
    spec = {**pod["spec"], "ephemeralContainers": [debugger]}
    lab.client.update("pods", {**pod, "spec": spec}, subresource="ephemeralcontainers")
    lab.run(5)
    (status,) = lab.get()["status"]["ephemeralContainerStatuses"]
    assert status["state"].get("running")
    assert lab.logs(container="debug") == "web\n"


def test_new_resources_take_effect_without_a_restart(lab: NodeLab) -> None:
    lab.pod(container={"resources": {"requests": {"cpu": "100m"}}})
    lab.run(5)
    pod = lab.get()
    container = {**pod["spec"]["containers"][0], "resources": {"requests": {"cpu": "300m"}}}
    lab.client.update("pods", {**pod, "spec": {**pod["spec"], "containers": [container]}}, subresource="resize")
    lab.run(1)
    assert lab.container()["resources"] == {"requests": {"cpu": "300m"}}
    assert lab.container()["restartCount"] == 0
