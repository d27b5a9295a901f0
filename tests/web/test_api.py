"""The Kubernetes API over HTTP: who gets in, what bad input is told, how streams begin and end."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from typing import Any

import pytest

from tests.web.conftest import ApiLab, Browser

MAPS = "/api/v1/namespaces/default/configmaps"


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "b"}}


def test_the_token_is_an_administrators(lab: ApiLab) -> None:
    assert lab.request("GET", "/version").json()["gitVersion"] == "v1.36.2"
    assert lab.request("POST", MAPS, config_map("first")).code == 201
    again = lab.request("POST", MAPS, config_map("first"))
    assert (again.code, again.json()["reason"]) == (409, "AlreadyExists")


def test_a_list_is_joined_from_stored_text(lab: ApiLab) -> None:
    lab.request("POST", MAPS, config_map("listed"))
    found = lab.request("GET", MAPS).json()
    assert found["kind"] == "ConfigMapList"
    assert "listed" in [one["metadata"]["name"] for one in found["items"]]


def test_a_bad_token_is_a_401_status(lab: ApiLab) -> None:
    refused = lab.request("GET", MAPS, token="wrong")
    assert (refused.code, refused.json()["message"], refused.json()["kind"]) == (401, "Unauthorized", "Status")


def test_another_labs_token_opens_nothing(lab: ApiLab, other_lab: ApiLab) -> None:
    assert lab.request("GET", MAPS, token=other_lab.token).code == 401


def test_an_unknown_lab_is_404_whoever_asks(lab: ApiLab) -> None:
    unknown = ApiLab(lab.server, "nosuchlab", lab.token)
    assert unknown.request("GET", MAPS).code == 404


def test_strangers_are_told_that_there_is_no_lab(lab: ApiLab) -> None:
    stranger = Browser(lab.server.page)
    stranger.get("/healthz")
    assert stranger.get(f"/labs/{lab.slug}{MAPS}").code == 404
    assert stranger.get(f"/labs/{lab.slug}/").code == 404
    assert stranger.get(f"/labs/{lab.slug}/enter/wrong/").code == 404


def test_the_owners_browser_may_read_but_not_write(lab: ApiLab) -> None:
    owner = lab.owner()
    assert owner.get(f"/labs/{lab.slug}{MAPS}").code == 200
    body = json.dumps(config_map("forged"))
    assert owner.request("POST", f"/labs/{lab.slug}{MAPS}", body, Content_Type="application/json").code == 404


def test_the_operators_link_works_once(lab: ApiLab) -> None:
    word = (lab.server.data / "operator.link").read_text()
    operator = Browser(lab.server.page)
    assert operator.get(f"/enter/{word}/").code == 302
    assert operator.get(f"/labs/{lab.slug}{MAPS}").code == 200
    assert Browser(lab.server.page).get(f"/enter/{word}/").code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", 400),
        ("[]", 400),
        (b"\xff\xfe", 400),
        ('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}}', 400),
        ('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Not A Name"}}', 422),
        ("{" + " " * (4 * 1024 * 1024), 413),
    ],
)
def test_bad_bodies_are_answered_in_kubernetes_words(lab: ApiLab, body: Any, code: int) -> None:
    refused = lab.request("POST", MAPS, body)
    assert (refused.code, refused.json()["kind"]) == (code, "Status")


def test_a_path_that_serves_nothing_is_404(lab: ApiLab) -> None:
    assert lab.request("GET", "/apis/no.such.group/v1/things").code == 404


class Stream:
    """One open watch."""

    def __init__(self, lab: ApiLab, path: str):
        where = Browser(lab.server.api).where
        context = ssl._create_unverified_context()
        self._link = http.client.HTTPSConnection(where.hostname or "", where.port, context=context, timeout=20)
        self._link.request("GET", f"/labs/{lab.slug}{path}", headers={"Authorization": f"Bearer {lab.token}"})
        self.answer = self._link.getresponse()

    def event(self) -> dict[str, Any]:
        return json.loads(self.answer.readline())

    def close(self) -> None:
        self._link.close()


def test_a_watch_answers_at_once_and_tells_every_event(lab: ApiLab) -> None:
    number = lab.request("GET", MAPS).json()["metadata"]["resourceVersion"]
    watch = Stream(lab, f"{MAPS}?watch=1&resourceVersion={number}")
    assert watch.answer.status == 200
    for name in ("seen-1", "seen-2"):
        lab.request("POST", MAPS, config_map(name))
        event = watch.event()
        assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", name)
    lab.request("DELETE", f"{MAPS}/seen-1")
    assert watch.event()["type"] == "DELETED"
    watch.close()


def test_a_watch_ends_at_its_timeout(lab: ApiLab) -> None:
    began = time.monotonic()
    watch = Stream(lab, f"{MAPS}?watch=1&timeoutSeconds=1&resourceVersion=999999999")
    assert watch.answer.read() in (b"",) or time.monotonic() - began < 5
    watch.close()


def test_the_kubeconfig_has_the_authority_of_the_listener(lab: ApiLab) -> None:
    owner = lab.owner()
    text = owner.get(f"/labs/{lab.slug}/kubeconfig")
    assert text.code == 200
    assert lab.token in text.body.decode() and "certificate-authority-data" in text.body.decode()


def test_the_proxy_reaches_a_pods_page(lab: ApiLab) -> None:
    container = {"name": "web", "image": "nginx:1.27", "ports": [{"containerPort": 80}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "site"}, "spec": {"containers": [container]}}
    lab.request("POST", "/api/v1/namespaces/default/pods", pod)
    end = time.monotonic() + 20
    while lab.request("GET", "/api/v1/namespaces/default/pods/site").json()["status"].get("phase") != "Running":
        assert time.monotonic() < end
        time.sleep(0.05)
    answer = lab.request("GET", "/api/v1/namespaces/default/pods/site/proxy/")
    assert answer.code == 200 and b"nginx" in answer.body


def test_a_service_accounts_token_opens_what_it_may(lab: ApiLab) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    given = lab.request("POST", path, body)
    token = given.json()["status"]["token"]
    assert lab.request("GET", "/version", token=token).code == 200
    refused = lab.request("GET", MAPS, token=token)
    assert refused.code == 403
    assert 'User "system:serviceaccount:default:default" cannot list resource "configmaps"' in refused.json()["message"]
    assert lab.request("GET", MAPS, token=token[:-4] + "AAAA").code == 401


def test_the_terminals_tokens_are_the_servers(lab: ApiLab, other_lab: ApiLab) -> None:
    token = lab.server.manage("labs", "run", "web", "kubectl create token default").stdout.strip()
    assert lab.request("GET", "/version", token=token).code == 200
    assert other_lab.request("GET", "/version", token=token).code == 401


def test_the_metrics_api_answers(lab: ApiLab) -> None:
    found = lab.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes").json()
    assert {"cp-1", "worker-1"} <= {one["metadata"]["name"] for one in found["items"]}


def test_raw_requests_find_their_lab_by_its_token(lab: ApiLab) -> None:
    """kubectl leaves the prefix of the server's address out of `get --raw`."""
    browser = Browser(lab.server.api)
    known = browser.request("GET", "/version", None, Authorization=f"Bearer {lab.token}")
    assert (known.code, known.json()["gitVersion"]) == (200, "v1.36.2")
    assert browser.request("GET", "/version", None, Authorization="Bearer wrong").code == 404
    assert browser.request("GET", "/version", None).code == 404
