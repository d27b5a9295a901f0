"""One running server for the tests of the web side."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from cluster.management.bench.process import LabServer


@dataclass(frozen=True)
class Reply:
    code: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """A plain HTTP client that keeps cookies."""

    def __init__(self, base: str):
        self.where = urlsplit(base)
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = self.cookie
        if self.where.scheme == "https":
            context = ssl._create_unverified_context()
            link: Any = http.client.HTTPSConnection(self.where.hostname, self.where.port, context=context, timeout=30)
        else:
            link = http.client.HTTPConnection(self.where.hostname, self.where.port, timeout=30)
        link.request(method, path, body, given)
        answer = link.getresponse()
        reply = Reply(answer.status, dict(answer.getheaders()), answer.read())
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        link.close()
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        return self.request("GET", path, **headers)


@dataclass(frozen=True)
class ApiLab:
    """One lab, as its kubeconfig says it is reached."""

    server: LabServer
    slug: str
    token: str

    def request(self, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> Reply:
        text = body if isinstance(body, str | bytes | None) else json.dumps(body)
        given = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json", **headers}
        return Browser(self.server.api).request(method, f"/labs/{self.slug}{path}", text, **given)

    def owner(self) -> Browser:
        """Return a browser to which the lab's link has opened it."""
        browser = Browser(self.server.page)
        browser.get(f"/labs/{self.slug}/enter/{self.token}/")
        return browser


@pytest.fixture(scope="package")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    server = LabServer(tmp_path_factory.mktemp("web"))
    server.start()
    yield server
    server.stop()


def api_lab(server: LabServer, name: str, *more: str) -> ApiLab:
    config: Path = server.create_lab(name, *more)
    data = yaml.safe_load(config.read_text())
    address = data["clusters"][0]["cluster"]["server"]
    return ApiLab(server, address.rpartition("/")[2], data["users"][0]["user"]["token"])


@pytest.fixture(scope="package")
def lab(web_server: LabServer) -> ApiLab:
    return api_lab(web_server, "web", "--instant")


@pytest.fixture(scope="package")
def other_lab(web_server: LabServer) -> ApiLab:
    return api_lab(web_server, "other", "--instant", "--nodes", "1")
