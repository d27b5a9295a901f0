"""What a web process asks of the worker for a request it cannot answer alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.authz.webhook import Unasked, WebhookAuthorizer, WebhookSettings
from cluster.apiserver.launch import Launch
from cluster.apiserver.local import local_server
from cluster.apiserver.request import User
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.web import elsewhere

EVE, ASKED = User("eve", ("dev",), "7", {"team": ("a",)}), Asked("get", "", "pods", "default")


class Worker:
    """Answers calls from a table and remembers them."""

    def __init__(self, **answers: Any):
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def ask(self, call: str, **arguments: Any) -> Any:
        self.calls.append((call, arguments))
        return self.answers[call]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    made = Worker(authorize={"allowed": True, "reason": "she may", "error": ""})

    @asynccontextmanager
    async def conversation(lab_id: int) -> Any:
        yield made

    monkeypatch.setattr(elsewhere, "conversation", conversation)
    return made


def test_an_authorisation_webhook_is_asked_by_the_worker_and_its_answer_kept(worker: Worker) -> None:
    text = "clusters: [{name: c, cluster: {server: 'https://authz.example.com/'}}]"
    authorizer = WebhookAuthorizer(local_server(), Launch(), WebhookSettings(text))
    chain = (authorizer,)

    class Door:
        lab_id = 1

    async def attempt(learnt: Sequence[elsewhere.Learnt]) -> Any:
        for one in learnt:
            one.teach(chain)
        try:
            return authorizer.decide(EVE, ASKED)
        except Unasked as cause:
            raise elsewhere.Missing(Door(), EVE, cause, chain) from None  # type: ignore[arg-type]

    for _ in range(2):
        said: Any = asyncio.run(elsewhere.complete(attempt, HttpRequest("GET", "/api/v1/pods")))
        assert (said.allowed, said.reason) == (True, "she may")
    ((call, given),) = worker.calls
    assert call == "authorize" and given["position"] == 0
    assert elsewhere.unpacked_user(given["user"]) == EVE
    assert Asked(**given["asked"]) == ASKED


def test_requests_and_answers_survive_the_way() -> None:
    request = HttpRequest("POST", "/a", "b=c", [("Authorization", "Bearer x"), ("X-A", "b")], b"body", "10.0.0.9")
    there = elsewhere.unpacked_request(elsewhere.packed_request(request))
    assert (there.method, there.path, there.query, there.body, there.source) == (
        "POST",
        "/a",
        "b=c",
        b"body",
        "10.0.0.9",
    )
    assert list(there.headers) == [("X-A", "b")]
    answer = HttpResponse(201, [("A", "b")], b"{}")
    assert elsewhere.unpacked_answer(elsewhere.packed_answer(answer)) == answer
    carried = Connection("exec", EVE, "default", "web", "c", ("ls", "-l"), tty=True, ports=(80,), options={"a": "b"})
    assert elsewhere.unpacked_answer(elsewhere.packed_answer(carried)) == carried
