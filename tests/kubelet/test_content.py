"""Environment, volumes and files of a container."""

from __future__ import annotations

import base64

from tests.kubelet.node_lab import NodeLab

SLEEP = {"command": ["sleep", "9999"]}


def test_variables_come_from_every_source(lab: NodeLab) -> None:
    lab.create("configmaps", "ConfigMap", "cm", data={"level": "info", "FROM": "map"})
    lab.create("secrets", "Secret", "sec", data={"pw": base64.b64encode(b"hush").decode()})
    env = [
        {"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "level"}}},
        {"name": "PW", "valueFrom": {"secretKeyRef": {"name": "sec", "key": "pw"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "TEXT", "value": "$(LEVEL) on $(NODE) $$(PW) $(NOPE)"},
    ]
    container = {**SLEEP, "env": env, "envFrom": [{"configMapRef": {"name": "cm"}, "prefix": "X_"}]}
    lab.pod("envy", "busybox", container=container)
    lab.run(5)
    text, code = lab.exec("envy", "sh", "-c", "echo $LEVEL $PW $NODE $IP $CPU $X_FROM; echo $TEXT")
    assert code == 0
    assert text == "info hush worker-1 10.244.1.2 4 map\ninfo on worker-1 $(PW) $(NOPE)\n"


def test_a_missing_configmap_is_a_config_error_until_it_exists(lab: NodeLab) -> None:
    lab.pod(container={"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "cm", "key": "k"}}}]})
    lab.run(5)
    assert lab.container()["state"]["waiting"] == {
        "reason": "CreateContainerConfigError",
        "message": 'configmap "cm" not found',
    }
    lab.create("configmaps", "ConfigMap", "cm", data={"other": "x"})
    lab.run(15)
    message = lab.container()["state"]["waiting"]["message"]
    assert message == "couldn't find key k in ConfigMap default/cm"
    lab.client.patch("configmaps", "cm", {"data": {"k": "v"}}, "default")
    lab.run(15)
    assert lab.container()["ready"]


def test_a_service_that_existed_before_gives_variables(lab: NodeLab) -> None:
    spec = {"ports": [{"port": 6379}], "selector": {"app": "r"}}
    lab.create("services", "Service", "redis-master", spec=spec)
    lab.pod("envy", "busybox", container=SLEEP)
    lab.run(5)
    lab.create("services", "Service", "later", spec=spec)
    text, _ = lab.exec("envy", "sh", "-c", "env | grep -c REDIS_MASTER; env | grep -c LATER")
    assert text == "7\n0\n"


def test_a_mounted_configmap_follows_its_object_within_a_minute(lab: NodeLab) -> None:
    lab.create("configmaps", "ConfigMap", "cm", data={"a.conf": "one"})
    lab.pod(
        "mounter",
        "busybox",
        container={**SLEEP, "volumeMounts": [{"name": "v", "mountPath": "/etc/app"}]},
        volumes=[{"name": "v", "configMap": {"name": "cm"}}],
    )
    lab.run(5)
    assert lab.exec("mounter", "cat", "/etc/app/a.conf") == ("one", 0)
    lab.client.patch("configmaps", "cm", {"data": {"a.conf": "two"}}, "default")
    lab.run(5)
    assert lab.exec("mounter", "cat", "/etc/app/a.conf") == ("one", 0)
    lab.run(60)
    assert lab.exec("mounter", "cat", "/etc/app/a.conf") == ("two", 0)


def test_a_missing_configmap_volume_keeps_the_pod_from_starting(lab: NodeLab) -> None:
    lab.pod(
        container={"volumeMounts": [{"name": "v", "mountPath": "/etc/app"}]},
        volumes=[{"name": "v", "configMap": {"name": "cm"}}],
    )
    lab.run(5)
    assert lab.container()["state"]["waiting"]["reason"] == "ContainerCreating"
    assert lab.events() == [("FailedMount", 'MountVolume.SetUp failed for volume "v" : configmap "cm" not found')]


def test_containers_share_an_empty_dir_and_nothing_else(lab: NodeLab) -> None:
    mount = [{"name": "w", "mountPath": "/shared"}]
    writer = {
        "name": "writer",
        "image": "busybox",
        "command": ["sh", "-c", "echo hi > /shared/a; echo no > /tmp/b; sleep 99"],
    }
    lab.pod(
        "pair",
        "busybox",
        container={**SLEEP, "volumeMounts": mount},
        more=[{**writer, "volumeMounts": mount}],
        volumes=[{"name": "w", "emptyDir": {}}],
    )
    lab.run(5)
    session = lab.kubelets.exec("default", "pair", "c", ["sh", "-c", "cat /shared/a; cat /tmp/b"])
    written, code = lab.kubelets.exec_output(session)
    assert written[0] == (1, b"hi\n")
    assert code == 1


def test_a_host_path_outlives_its_pod(lab: NodeLab) -> None:
    fields = {
        "container": {**SLEEP, "volumeMounts": [{"name": "h", "mountPath": "/data"}]},
        "volumes": [{"name": "h", "hostPath": {"path": "/mnt/kept"}}],
        "terminationGracePeriodSeconds": 0,
    }
    lab.pod("one", "busybox", **fields)
    lab.run(5)
    lab.exec("one", "sh", "-c", "echo kept > /data/f")
    lab.client.delete("pods", "one", "default")
    lab.run(5)
    lab.pod("two", "busybox", **fields)
    lab.run(5)
    assert lab.exec("two", "cat", "/data/f") == ("kept\n", 0)


def test_a_container_loses_its_own_files_when_it_restarts(lab: NodeLab) -> None:
    lab.pod("fresh", "busybox", container={"command": ["sh", "-c", "ls /tmp; touch /tmp/x; sleep 5"]})
    lab.run(12)
    assert lab.container("fresh")["restartCount"] == 1
    assert lab.logs("fresh") == ""


def test_the_termination_message_is_read(lab: NodeLab) -> None:
    command = ["sh", "-c", "echo because > /dev/termination-log; exit 2"]
    lab.pod("why", "busybox", restartPolicy="Never", container={"command": command})
    lab.run(5)
    assert lab.container("why")["state"]["terminated"]["message"] == "because\n"


def test_a_pod_knows_its_name_and_name_server(lab: NodeLab) -> None:
    lab.pod("me", "busybox", container=SLEEP)
    lab.run(5)
    text, _ = lab.exec("me", "sh", "-c", "hostname; cat /etc/resolv.conf; tail -1 /etc/hosts")
    assert text == (
        "me\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n"
        "nameserver 10.96.0.10\noptions ndots:5\n10.244.1.2\tme\n"
    )


def test_a_sub_path_is_one_file_that_does_not_follow_its_object(lab: NodeLab) -> None:
    lab.create("configmaps", "ConfigMap", "cm", data={"a.conf": "one"})
    mount = {"name": "v", "mountPath": "/etc/app.conf", "subPath": "a.conf"}
    volume = {"name": "v", "configMap": {"name": "cm"}}
    lab.pod("mounter", "busybox", container={**SLEEP, "volumeMounts": [mount]}, volumes=[volume])
    lab.run(5)
    lab.client.patch("configmaps", "cm", {"data": {"a.conf": "two"}}, "default")
    lab.run(70)
    assert lab.exec("mounter", "cat", "/etc/app.conf") == ("one", 0)
    assert lab.exec("mounter", "ls", "/etc/passwd")[1] == 0


def test_mounted_files_have_the_modes_and_paths_asked_for(lab: NodeLab) -> None:
    lab.create("secrets", "Secret", "sec", data={"key": base64.b64encode(b"k").decode()})
    source = {"secretName": "sec", "defaultMode": 0o400, "items": [{"key": "key", "path": "sub/file"}]}
    volume = {"name": "v", "secret": source}
    mount = {"name": "v", "mountPath": "/etc/keys"}
    lab.pod("mounter", "busybox", container={**SLEEP, "volumeMounts": [mount]}, volumes=[volume])
    lab.run(5)
    text, _ = lab.exec("mounter", "sh", "-c", "stat -Lc %a /etc/keys/sub/file; cat /etc/keys/sub/file; ls /etc/keys")
    assert text == "400\nksub\n"
    assert lab.exec("mounter", "sh", "-c", "echo x > /etc/keys/new")[1] != 0
