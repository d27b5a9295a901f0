"""One keep-alive HTTPS connection to a lab's API, as a client library holds it."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from cluster.models import Lab


class Link:
    def __init__(self, base: str, lab: Lab):
        where = urlsplit(base)
        self._prefix = f"/labs/{lab.slug}"
        # The benchmark measures its own server: whose certificate it is does not matter.
        context = ssl._create_unverified_context()
        self._connection = http.client.HTTPSConnection(where.hostname or "", where.port, context=context, timeout=60)
        self._headers = {"Authorization": f"Bearer {lab.token}"}

    def send(self, method: str, path: str, body: Any = None, *, media: str = "", accept: str = "*/*") -> bytes:
        text = json.dumps(body) if body is not None else None
        kinds = {"Content-Type": media or media_of(method), "Accept": accept}
        self._connection.request(method, self._prefix + path, text, {**self._headers, **kinds})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300]!r}")
        return data

    def get(self, path: str) -> Any:
        return json.loads(self.send("GET", path))

    def stream(self, path: str) -> Iterator[Any]:
        """Open a watch; yield its events as they come."""
        self._connection.request("GET", self._prefix + path, headers=self._headers)
        answer = self._connection.getresponse()
        return (json.loads(line) for line in iter(answer.readline, b""))

    def close(self) -> None:
        self._connection.close()


def media_of(method: str) -> str:
    return "application/merge-patch+json" if method == "PATCH" else "application/json"


def milliseconds(act: Callable[[int], object], count: int) -> list[float]:
    """Return how long each of `count` acts took, sorted."""
    taken = []
    for number in range(count):
        began = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def percentile(taken: Sequence[float], share: float) -> float:
    return taken[min(len(taken) - 1, int(len(taken) * share))]
