"""The proxy subresources: pods, services and nodes reached through the API server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver import pagelinks, proxying
from cluster.apiserver.http import HttpApi
from cluster.apiserver.request import ADMIN
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import StatusError
from cluster.runtime.settings import LabSettings
from cluster.runtime.simulation import Simulation

DEFAULT = "/api/v1/namespaces/default"
ECHO = "registry.k8s.io/echoserver:1.10"


@pytest.fixture(scope="module")
def lab() -> Simulation:
    made = Simulation.create(LabSettings(instant=True))
    made.run("kubectl create deployment web --image=nginx:1.27 --replicas=2")
    made.run("kubectl expose deployment web --port=8080 --target-port=80")
    made.run(f"kubectl run echo --image={ECHO} --port=8080")
    made.run("kubectl create service clusterip lonely --tcp=80:80")
    made.settle()
    return made


def ask(lab: Simulation, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> HttpResponse:
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = HttpRequest(method, path, query, given, body)
    found = HttpApi(lab.server, lambda token: None, containers=lab.containers).handle(request, ADMIN)
    if isinstance(found, HttpResponse):
        return found
    assert isinstance(found, Connection)
    return proxying.answer(lab.server, found, request)


def refused(lab: Simulation, path: str) -> str:
    with pytest.raises(StatusError) as caught:
        ask(lab, "GET", path)
    assert caught.value.code == 503 and caught.value.reason == "ServiceUnavailable"
    return caught.value.message


@pytest.mark.parametrize("target", ["web", "web:", "web:8080", "http:web:8080"])
def test_a_service_is_reached_by_any_form_of_its_name(lab: Simulation, target: str) -> None:
    answer = ask(lab, "GET", f"{DEFAULT}/services/{target}/proxy/")
    assert answer.code == 200 and b"Welcome to nginx!" in answer.body


def test_method_query_headers_and_body_go_through(lab: Simulation) -> None:
    answer = ask(lab, "PUT", f"{DEFAULT}/pods/echo:8080/proxy/a/b%20c/", b"hello", "x=1&y=2", X_Mark="me")
    text = answer.body.decode()
    assert "method=PUT" in text and "query=x=1&y=2" in text and "hello" in text
    assert "x-mark=me" in text
    assert f"x-forwarded-uri={DEFAULT}/pods/echo:8080/proxy/a/b%20c/" in text


def test_what_leads_nowhere_is_told_in_the_real_words(lab: Simulation) -> None:
    assert refused(lab, f"{DEFAULT}/services/lonely/proxy/") == 'no endpoints available for service "lonely"'
    assert refused(lab, f"{DEFAULT}/services/web:9/proxy/") == 'no service port 9 found for service "web"'
    address = json.loads(lab.run("kubectl get pod echo -o json").stdout)["status"]["podIP"]
    assert refused(lab, f"{DEFAULT}/pods/echo:81/proxy/") == (
        f"error trying to reach service: dial tcp {address}:81: connect: connection refused"
    )
    assert refused(lab, f"{DEFAULT}/services/https:web:8080/proxy/") == (
        "error trying to reach service: http: server gave HTTP response to HTTPS client"
    )


def test_a_path_without_a_slash_is_sent_to_the_one_with(lab: Simulation) -> None:
    answer = ask(lab, "GET", f"{DEFAULT}/services/web/proxy", query="a=b")
    assert (answer.code, answer.headers) == (301, [("Location", f"{DEFAULT}/services/web/proxy/?a=b")])


def test_a_node_s_kubelet_answers(lab: Simulation) -> None:
    assert ask(lab, "GET", "/api/v1/nodes/worker-1/proxy/healthz").body == b"ok"
    pods = json.loads(ask(lab, "GET", "/api/v1/nodes/worker-1:10250/proxy/pods").body)
    assert pods["kind"] == "PodList" and {one["spec"]["nodeName"] for one in pods["items"]} == {"worker-1"}
    lab.advance(60)
    summary = json.loads(ask(lab, "GET", "/api/v1/nodes/worker-1/proxy/stats/summary").body)
    assert summary["node"]["nodeName"] == "worker-1" and summary["node"]["memory"]["workingSetBytes"] > 0
    assert b"kubelet_running_pods" in ask(lab, "GET", "/api/v1/nodes/worker-1/proxy/metrics").body
    assert ask(lab, "GET", "/api/v1/nodes/worker-1/proxy/nothing").code == 404


def test_the_terminal_s_raw_requests_go_through_the_proxy(lab: Simulation) -> None:
    shown = lab.run(f"kubectl get --raw {DEFAULT}/services/web:8080/proxy/").stdout
    assert "Welcome to nginx!" in shown
    assert lab.run("kubectl get --raw /api/v1/nodes/worker-1/proxy/healthz").stdout == "ok"
    failed = lab.run(f"kubectl get --raw {DEFAULT}/services/lonely/proxy/")
    assert failed.stderr == 'Error from server (ServiceUnavailable): no endpoints available for service "lonely"\n'


PREFIX = f"{DEFAULT}/services/web/proxy"


@pytest.mark.parametrize(
    ("url", "through"),
    [
        ("/login", f"{PREFIX}/login"),
        ("/", f"{PREFIX}/"),
        ("http://10.0.0.5:80/a?b#c", f"{PREFIX}/a?b#c"),
        ("page.html", "page.html"),
        ("http://elsewhere/x", "http://elsewhere/x"),
        (f"{PREFIX}/done", f"{PREFIX}/done"),
    ],
)
def test_urls_lead_through_the_proxy_again(url: str, through: str) -> None:
    assert proxying.rewritten(url, "10.0.0.5:80", "lab.example", PREFIX) == through


def test_only_links_of_a_page_are_changed() -> None:
    page = b'<a class="/x" href="/a?b&amp;c">/a</a><img src=/i.png><!-- <a href="/n"> --><p title="/p">'
    changed: Any = pagelinks.rewrite(page, lambda url: "/P" + url)
    assert changed == (
        b'<a class="/x" href="/P/a?b&amp;c">/a</a><img src="/P/i.png"><!-- <a href="/n"> --><p title="/p">'
    )
