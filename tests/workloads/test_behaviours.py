"""What the images' programs do once they run."""

from __future__ import annotations

import json

import pytest

from cluster.workloads.behaviours.languages import pi_digits
from cluster.workloads.behaviours.nginx import parse_config
from cluster.workloads.process import WebReply, WebRequest
from tests.kubelet.node_lab import NodeLab, processes


@pytest.fixture
def lab() -> NodeLab:
    return NodeLab(processes=processes())


def ask(lab: NodeLab, url: str, pod: str = "web", port: int = 80, **fields: object) -> WebReply:
    request = WebRequest("GET", f"http://{pod}{url}", client="10.1.1.1", **fields)  # type: ignore[arg-type]
    return lab.kubelets.serve(lab.get(pod)["metadata"]["uid"], port, request)


def test_pi_is_computed() -> None:
    assert pi_digits(50) == "3.1415926535897932384626433832795028841971693993751"
    assert pi_digits(2000).endswith("59958133904780275901")


def test_perl_prints_pi(lab: NodeLab) -> None:
    command = ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"]
    lab.pod("pi", "perl:5.34.0", restartPolicy="Never", container={"command": command})
    lab.run(30)
    assert lab.logs("pi") == pi_digits(2000) + "\n"


def test_nginx_serves_what_a_volume_holds(lab: NodeLab) -> None:
    lab.create("configmaps", "ConfigMap", "page", data={"index.html": "mine\n"})
    lab.pod(
        container={"volumeMounts": [{"name": "p", "mountPath": "/usr/share/nginx/html"}]},
        volumes=[{"name": "p", "configMap": {"name": "page"}}],
    )
    lab.run(5)
    assert ask(lab, "/").body == b"mine\n"
    assert ask(lab, "/none").status == 404


def test_nginx_follows_a_mounted_configuration(lab: NodeLab) -> None:
    text = 'server { listen 8080; location /ok { return 200 "fine\\n"; } location / { return 301 /ok; } }'
    lab.create("configmaps", "ConfigMap", "conf", data={"default.conf": text})
    lab.pod(
        container={"volumeMounts": [{"name": "c", "mountPath": "/etc/nginx/conf.d"}]},
        volumes=[{"name": "c", "configMap": {"name": "conf"}}],
    )
    lab.run(5)
    assert ask(lab, "/ok", port=8080).body == b"fine\n"
    assert dict(ask(lab, "/", port=8080).headers)["Location"] == "/ok"
    assert ask(lab, "/").error == "refused"


def test_a_page_changed_by_hand_is_served(lab: NodeLab) -> None:
    lab.pod()
    lab.run(5)
    lab.exec("web", "sh", "-c", "echo changed > /usr/share/nginx/html/index.html")
    assert ask(lab, "/").body == b"changed\n"


def test_parse_config_knows_proxies_and_aliases() -> None:
    text = "server { listen 80; location /api { proxy_pass http://api:8080; } location /h { alias /etc/hostname; } }"
    (server,) = parse_config(text)
    assert [(one.prefix, one.upstream, one.alias) for one in server.locations] == [
        ("/api", "http://api:8080", ""),
        ("/h", "", "/etc/hostname"),
    ]


def test_myapp_tells_its_version_and_pod(lab: NodeLab) -> None:
    lab.pod("my", "wangyanglinux/myapp:v2")
    lab.run(5)
    assert ask(lab, "/", "my").body == b'Hello MyApp | Version: v2 | <a href="hostname.html">Pod Name</a>\n'
    assert ask(lab, "/hostname.html", "my").body == b"my\n"


def test_mysql_without_a_password_exits(lab: NodeLab) -> None:
    lab.pod("db", "mysql:8.0", restartPolicy="Never")
    lab.run(10)
    assert lab.container("db")["state"]["terminated"]["exitCode"] == 1
    assert "Database is uninitialized and password option is not specified" in lab.logs("db")


def test_mysql_with_a_password_takes_its_time_to_boot(lab: NodeLab) -> None:
    probe = {"exec": {"command": ["mysqladmin", "ping", "-h", "127.0.0.1"]}, "periodSeconds": 2}
    env = [{"name": "MYSQL_ROOT_PASSWORD", "value": "x"}]
    lab.pod("db", "mysql:8.0", container={"env": env, "readinessProbe": probe})
    lab.run(10)
    assert not lab.container("db")["ready"]
    lab.run(10)
    assert "ready for connections" in lab.logs("db")


def test_postgres_wants_a_password(lab: NodeLab) -> None:
    lab.pod("pg", "postgres:16", restartPolicy="Never")
    lab.run(15)
    assert "superuser password is not specified" in lab.logs("pg")


def test_redis_keeps_what_it_is_told(lab: NodeLab) -> None:
    lab.pod("cache", "redis:7")
    lab.run(5)
    request = WebRequest("REDIS", "redis://cache:6379/", body=b"SET a 1")
    uid = lab.get("cache")["metadata"]["uid"]
    assert lab.kubelets.serve(uid, 6379, request).body == b"OK"
    assert lab.kubelets.serve(uid, 6379, WebRequest("REDIS", "redis://c/", body=b"INCR a")).body == b"(integer) 2"
    assert ask(lab, "/", "cache", 6379).error == "empty"


def test_the_liveness_image_gets_sick_after_ten_seconds(lab: NodeLab) -> None:
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "initialDelaySeconds": 3, "periodSeconds": 3}
    lab.pod(
        "sick", "registry.k8s.io/e2e-test-images/agnhost:2.40", container={"args": ["liveness"], "livenessProbe": probe}
    )
    lab.run(40)
    assert lab.container("sick")["restartCount"] >= 1
    assert ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500") in lab.events("sick")


def test_python_serves_a_directory(lab: NodeLab) -> None:
    lab.pod(
        "py", "python:3.12-alpine", container={"command": ["python", "-m", "http.server", "8000"], "workingDir": "/etc"}
    )
    lab.run(10)
    assert b"os-release" in ask(lab, "/", "py", 8000).body


def test_a_bootcamp_pod_says_where_it_runs(lab: NodeLab) -> None:
    lab.pod("boot", "gcr.io/google-samples/kubernetes-bootcamp:v1")
    lab.run(10)
    assert ask(lab, "/", "boot", 8080).body == b"Hello Kubernetes bootcamp! | Running on: boot | v=1\n"


def test_nothing_a_program_keeps_is_more_than_json(lab: NodeLab) -> None:
    for name, image in (("a", "redis:7"), ("b", "httpd"), ("c", "registry.k8s.io/echoserver:1.10"), ("d", "memcached")):
        lab.pod(name, image)
    lab.run(20)
    for key in lab.state.keys("kubelet/"):
        json.dumps(lab.state.get(key))


def test_bare_options_go_to_the_images_server(lab: NodeLab) -> None:
    env = [{"name": "MYSQL_ROOT_PASSWORD", "value": "x"}]
    lab.pod("db", "mysql:5.6", container={"args": ["--ignore-db-dir", "lost+found"], "env": env})
    lab.run(20)
    assert lab.container("db")["ready"]
    assert "ready for connections" in lab.logs("db")
