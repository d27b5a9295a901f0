"""A fresh API server and its cast: ada administers, dev develops, eve has no rights at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cluster.apiserver.client import Client
from cluster.apiserver.http import HttpApi
from cluster.apiserver.local import admin, local_server
from cluster.apiserver.request import ADMIN, User
from cluster.apiserver.server import ApiServer
from cluster.apiserver.wireforms import HttpRequest

DEV, EVE = User("dev"), User("eve")
TOKENS = {"admin": ADMIN, "dev": DEV, "eve": EVE}


@pytest.fixture
def server() -> ApiServer:
    return local_server()


@pytest.fixture
def client(server: ApiServer) -> Client:
    made = admin(server)
    made.create("serviceaccounts", {"metadata": {"name": "default"}}, "default")
    return made


@pytest.fixture
def api(client: Client) -> HttpApi:
    return HttpApi(client.server, TOKENS.get)


Ask = Callable[..., Any]


@pytest.fixture
def ask(api: HttpApi) -> Ask:
    """Return a function that sends one HTTP request: `ask("GET", "/api", token="eve", accept=…)`."""

    def send(method: str, url: str, body: Any = None, *, token: str = "admin", **headers: str) -> Any:
        path, _, query = url.partition("?")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = [("Authorization", f"Bearer {token}")]
        given += [(name.replace("_", "-"), value) for name, value in headers.items()]
        return api.handle(HttpRequest(method, path, query, given, raw))

    return send


def pod(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}], **spec},
    }
