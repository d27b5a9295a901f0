"""A lab's API asked in the benchmark's own process: the same requests and the same database, without a wire."""

from __future__ import annotations

import json
from typing import Any

from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.request import ADMIN
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import HttpRequest, HttpResponse
from cluster.management.bench.link import media_of
from cluster.models import Lab
from cluster.web.gate import build_api, find


class Inside:
    """What `Link` is over HTTPS."""

    def __init__(self, lab: Lab):
        self._api = build_api(find(lab.slug), OpenApi())

    def send(self, method: str, path: str, body: Any = None, *, media: str = "", accept: str = "*/*") -> bytes:
        where, _, query = path.partition("?")
        text = json.dumps(body).encode() if body is not None else b""
        headers = [("content-type", media or media_of(method)), ("accept", accept), ("user-agent", "bench/1")]
        answer = self._api.handle(HttpRequest(method, where, query, headers, text), ADMIN)
        if not isinstance(answer, HttpResponse) or answer.code >= 400:
            raise RuntimeError(f"{method} {path}: {answer!r:.300}")
        return answer.body

    def watch(self, path: str) -> Watch:
        where, _, query = path.partition("?")
        answer = self._api.handle(HttpRequest("GET", where, query), ADMIN)
        if not isinstance(answer, Watch):
            raise RuntimeError(f"GET {path} is no watch")
        return answer

    def close(self) -> None:
        """Nothing is held open."""
