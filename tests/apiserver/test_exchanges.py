"""Whoever witnesses a server is told of every request once, with what each gate said and changed."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.apiserver.changes import Change
from cluster.apiserver.client import Client
from cluster.apiserver.exchange import Exchange
from cluster.apiserver.request import Request, User
from cluster.machinery.errors import StatusError
from tests.apiserver.conftest import Ask, pod


class Notes:
    """Keeps all it is told."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def saw(self, exchange: Exchange) -> None:
        self.seen.append(exchange)


@pytest.fixture
def notes(client: Client) -> Notes:
    witness = Notes()
    client.server.witnesses.append(witness)
    client.server.wants_changes = lambda request: True
    return witness


def changes(exchange: Exchange) -> dict[str, list[dict[str, Any]]]:
    found = [(verdict.by, verdict.detail.get("change")) for verdict in exchange.request.verdicts]
    return {by: change.operations() for by, change in found if isinstance(change, Change)}


def test_a_write_tells_what_defaulting_and_each_mutating_plugin_changed(client: Client, notes: Notes) -> None:
    client.create("pods", pod("web"), "default")
    found = changes(notes.seen[-1])
    assert {"op": "add", "path": "/spec/restartPolicy", "value": "Always"} in found["Pod"]
    assert {"op": "add", "path": "/spec/serviceAccountName", "value": "default"} in found["ServiceAccount"]
    assert [one["path"] for one in found["DefaultTolerationSeconds"]] == ["/spec/tolerations"]


def test_the_stages_come_in_the_order_they_run(client: Client, notes: Notes) -> None:
    client.create("pods", pod("web"), "default")
    stages = list(dict.fromkeys(verdict.stage for verdict in notes.seen[-1].request.verdicts))
    assert stages == ["authz", "defaulting", "mutating", "validation", "validating", "store"]


def test_the_store_says_which_revision_was_written(client: Client, notes: Notes) -> None:
    made = client.create("pods", pod("web"), "default")
    stored = notes.seen[-1].request.verdicts[-1]
    assert stored.stage == "store"
    assert stored.detail["revision"] == int(made["metadata"]["resourceVersion"])
    assert stored.detail["verb"] == "ADDED"


def test_field_managers_are_no_change_anybody_wants_to_read(client: Client, notes: Notes) -> None:
    client.patch("pods", client.create("pods", pod("web"), "default")["metadata"]["name"], {}, "default")
    for exchange in notes.seen:
        for operations in changes(exchange).values():
            assert not any("managedFields" in one["path"] for one in operations)


def test_nothing_is_compared_when_nobody_witnesses(client: Client) -> None:
    request = Request("create", client.user, resource="pods", namespace="default", body=pod("web"))
    client.server.handle(request)
    assert not any("change" in verdict.detail for verdict in request.verdicts)
    assert not request.told


def test_an_invalid_object_tells_its_causes(client: Client, notes: Notes) -> None:
    with pytest.raises(StatusError):
        client.create("pods", pod("web", restartPolicy="Sometimes"), "default")
    verdict = notes.seen[-1].request.verdicts[-1]
    assert (verdict.stage, verdict.allowed) == ("validation", False)
    assert verdict.detail["causes"][0]["field"] == "spec.restartPolicy"
    assert notes.seen[-1].code == 422


@pytest.mark.parametrize(
    ("method", "url", "token", "code", "resource"),
    [
        ("GET", "/api/v1/namespaces/default/pods/web", "nobody", 401, "pods"),
        ("GET", "/version", "admin", 200, ""),
        ("GET", "/metrics", "eve", 403, ""),
        ("GET", "/apis/unknown.io/v1/things", "eve", 403, "things"),
        ("GET", "/api/v1/pods", "eve", 403, "pods"),
        ("GET", "/api/v1/pods?watch=true", "admin", 200, "pods"),
        ("GET", "/api/v1/pods?watch=true", "eve", 403, "pods"),
        ("GET", "/api/v1/namespaces/default/pods/web/log", "eve", 403, "pods"),
        ("GET", "/api/v1/namespaces/default/pods/missing/log", "admin", 404, "pods"),
        ("GET", "/api/v1/namespaces/default/configmaps", "admin", 200, "configmaps"),
        ("PUT", "/api/v1/pods", "admin", 405, "pods"),
    ],
)
def test_every_request_over_http_is_told_once(
    ask: Ask, notes: Notes, method: str, url: str, token: str, code: int, resource: str
) -> None:
    ask(method, url, token=token, User_Agent="kubectl/v1.36.0")
    (exchange,) = notes.seen
    request = exchange.request
    assert exchange.code == code
    assert (request.method, request.uri, request.user_agent) == (method, url, "kubectl/v1.36.0")
    assert request.resource == resource


def test_a_connection_that_is_answered_elsewhere_is_told_when_it_is_permitted(client: Client, notes: Notes) -> None:
    with pytest.raises(StatusError):
        client.server.permit(Request("create", User("eve"), resource="pods", subresource="exec", namespace="default"))
    client.server.permit(Request("create", client.user, resource="pods", subresource="exec", namespace="default"))
    assert [exchange.code for exchange in notes.seen] == [403, 200]


def test_a_path_tells_what_the_authorisers_said_and_who_really_asks(ask: Ask, notes: Notes) -> None:
    ask("GET", "/metrics", Impersonate_User="eve")
    request = notes.seen[-1].request
    assert [verdict.by for verdict in request.verdicts if verdict.stage == "authz"][-1] == "RBAC"
    assert request.impersonator is not None and request.impersonator.name == "kubernetes-admin"


def test_a_resource_nobody_serves_tells_who_was_authenticated_how(ask: Ask, notes: Notes) -> None:
    ask("GET", "/apis/unknown.io/v1/things", token="eve")
    assert [verdict.stage for verdict in notes.seen[-1].request.verdicts][:2] == ["authn", "authz"]


@pytest.mark.parametrize(
    ("method", "url", "verb"),
    [("GET", "/api/v1/pods", "list"), ("GET", "/api/v1/nodes/a", "get"), ("POST", "/api/v1/nodes", "create")],
)
def test_a_request_of_nobody_known_still_says_what_was_asked(
    ask: Ask, notes: Notes, method: str, url: str, verb: str
) -> None:
    ask(method, url, token="wrong")
    assert (notes.seen[-1].code, notes.seen[-1].request.verb) == (401, verb)
