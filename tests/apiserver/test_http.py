"""The HTTP face: paths, forms, bodies, watches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cluster.apiserver.http import HttpApi
from cluster.apiserver.local import local_server
from cluster.apiserver.request import ADMIN
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import HttpRequest, HttpResponse

TOKENS = {"admin": ADMIN}


@pytest.fixture
def api() -> HttpApi:
    return HttpApi(local_server(), TOKENS.get)


def ask(api: HttpApi, method: str, url: str, body: Any = None, **headers: str) -> Any:
    path, _, query = url.partition("?")
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    given = [("Authorization", "Bearer admin")] + [(key.replace("_", "-"), value) for key, value in headers.items()]
    return api.handle(HttpRequest(method, path, query, given, raw))


def read(answer: HttpResponse) -> Any:
    return json.loads(answer.body)


def test_a_config_map_is_created_read_and_listed_over_http(api: HttpApi) -> None:
    made = ask(api, "POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert made.code == 201, made.body
    assert read(ask(api, "GET", "/api/v1/namespaces/default/configmaps/a"))["data"] == {"k": "v"}
    listed = read(ask(api, "GET", "/api/v1/configmaps"))
    assert "a" in [item["metadata"]["name"] for item in listed["items"]]
    assert listed["kind"] == "ConfigMapList" and "kind" not in listed["items"][0]


def test_a_wrong_token_is_unauthorized(api: HttpApi) -> None:
    answer = api.handle(HttpRequest("GET", "/api/v1/pods", "", [("Authorization", "Bearer nobody")]))
    assert isinstance(answer, HttpResponse)
    assert (answer.code, read(answer)["message"]) == (401, "Unauthorized")


def test_a_watch_tells_what_happens_after_a_list(api: HttpApi) -> None:
    since = read(ask(api, "GET", "/api/v1/configmaps"))["metadata"]["resourceVersion"]
    watch = ask(api, "GET", f"/api/v1/namespaces/default/configmaps?watch=1&resourceVersion={since}")
    assert isinstance(watch, Watch)
    assert watch.poll() == []
    ask(api, "POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}})
    ask(api, "DELETE", "/api/v1/namespaces/default/configmaps/a")
    events = [json.loads(line) for line in watch.poll()]
    assert [event["type"] for event in events] == ["ADDED", "DELETED"]


@pytest.mark.parametrize("path", ["/", "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1", "/version"])
def test_discovery_is_served(api: HttpApi, path: str) -> None:
    assert ask(api, "GET", path).code == 200


@pytest.mark.parametrize("path", ["/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3/apis/apps/v1"])
def test_openapi_is_served(api: HttpApi, path: str) -> None:
    assert ask(api, "GET", path).code == 200


def test_health_is_told_verbosely(api: HttpApi) -> None:
    assert ask(api, "GET", "/readyz").body == b"ok"
    assert ask(api, "GET", "/livez?verbose").body.endswith(b"livez check passed\n")


def test_stored_texts_are_joined_to_the_list_that_objects_would_make(api: HttpApi) -> None:
    ask(api, "POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    decoded = read(ask(api, "GET", "/api/v1/configmaps"))
    store = api.server.store
    dumped = [json.dumps(obj, separators=(",", ":")).encode() for obj in store.list("configmaps")]
    store.list_text = lambda resource, namespace="": dumped  # type: ignore[attr-defined]
    assert read(ask(api, "GET", "/api/v1/configmaps")) == decoded


POD = "/api/v1/namespaces/default/pods/one"


@pytest.fixture
def with_pod(api: HttpApi) -> HttpApi:
    spec = {"containers": [{"name": "c", "image": "nginx"}], "automountServiceAccountToken": False}
    ask(api, "POST", "/api/v1/namespaces/default/serviceaccounts", {"metadata": {"name": "default"}})
    made = ask(api, "POST", "/api/v1/namespaces/default/pods", {"metadata": {"name": "one"}, "spec": spec})
    assert made.code == 201, made.body
    return api


@pytest.mark.parametrize(
    ("method", "path", "kind", "body", "code"),
    [
        ("PATCH", POD, "json-patch", ["a"], 400),
        ("PATCH", POD, "json-patch", [{"op": "add", "path": 5, "value": 1}], 400),
        ("PATCH", POD, "json-patch", [{"op": "add", "path": "metadata", "value": 1}], 422),
        ("PATCH", POD, "strategic-merge-patch", {"metadata": {"$retainKeys": 5}}, 400),
        ("PUT", f"{POD}/ephemeralcontainers", "", {}, 400),
        ("PUT", f"{POD}/ephemeralcontainers", "", {"metadata": {"name": "one"}}, 200),
        ("PUT", f"{POD}/ephemeralcontainers", "", {"spec": {"ephemeralContainers": 5}}, 400),
        ("DELETE", POD, "", {"preconditions": "x"}, 400),
        ("DELETE", POD, "", ["x"], 400),
        ("DELETE", f"{POD}?gracePeriodSeconds={'9' * 30}", "", None, 400),
        ("POST", f"{POD}/log", "", None, 405),
        ("GET", f"/api/v1/pods?limit={'9' * 30}", "", None, 400),
        # {"v": "meta.k8s.io/v1", "rv": "x", "start": 5}
        ("GET", "/api/v1/pods?continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6IngiLCJzdGFydCI6NX0", "", None, 400),
    ],
)
def test_what_is_of_the_wrong_shape_is_refused(
    with_pod: HttpApi, method: str, path: str, kind: str, body: Any, code: int
) -> None:
    media = f"application/{kind}+json" if kind else "application/json"
    answer = ask(with_pod, method, path, body, content_type=media)
    assert answer.code == code, answer.body


def test_a_patch_too_deep_to_be_written_is_refused(with_pod: HttpApi) -> None:
    deep = b'{"metadata":{"annotations":' + b'{"a":' * 500 + b"1" + b"}" * 502
    answer = ask(with_pod, "PATCH", POD, deep, content_type="application/merge-patch+json")
    assert answer.code == 400, answer.body
