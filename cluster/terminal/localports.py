"""Ports of the learner's own machine: what `kubectl port-forward` and `kubectl proxy` listen on there.

A port belongs to the shell whose job opened it and goes with it. Who connects is told to that job, which prints it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from cluster.apiserver.client import Client
from cluster.kubectl.raw import ask
from cluster.kubelet.forwarding import Forwarder
from cluster.machinery.errors import StatusError
from cluster.store.interface import StateBook
from cluster.workloads.process import WebReply, WebRequest

PORTS = "terminal/ports"
HOSTS = ("localhost", "127.0.0.1", "::1")
_USUAL = {"http": 80, "https": 443, "redis": 6379}
Entry = dict[str, Any]


class LocalPorts:
    """The ports as one shell (`owner`) sees them. `woken` collects the shells whose jobs have news."""

    def __init__(self, state: StateBook, client: Client, forwarder: Forwarder, owner: str):
        self._state = state
        self._client = client
        self._forwarder = forwarder
        self._owner = owner
        self.woken: set[str] = set()

    def _all(self) -> dict[str, Entry]:
        found: dict[str, Entry] = self._state.get(PORTS) or {}
        return found

    def open(self, port: int, target: Mapping[str, Any]) -> bool:
        """Listen on a port for `target` (`kind` pod or api); False when it is taken."""
        known = self._all()
        if str(port) in known:
            return False
        entry = {**target, "owner": self._owner, "log": [], "failed": ""}
        self._state.put(PORTS, {**known, str(port): entry})
        return True

    def free(self) -> int:
        """Return a port nobody listens on."""
        known = self._all()
        return next(port for port in range(40000, 65536) if str(port) not in known)

    def close(self, port: int) -> None:
        known = self._all()
        if str(port) in known:
            self._state.put(PORTS, {key: entry for key, entry in known.items() if key != str(port)})

    def news(self, port: int) -> tuple[list[str], str]:
        """Return what there is to print since the last call, and why the port broke, '' if it did not."""
        entry = self._all().get(str(port))
        if entry is None:
            return [], "closed"
        lines, entry["log"] = entry["log"], []
        if lines:
            self._state.put(PORTS, self._all())
        return lines, str(entry["failed"])

    def fetch(self, request: WebRequest) -> WebReply | None:
        """Answer a request to this machine's own port; None when it goes elsewhere, or nobody listens."""
        url = urlsplit(request.url)
        port = url.port or _USUAL.get(url.scheme, 80)
        entry = self._all().get(str(port)) if url.hostname in HOSTS else None
        if entry is None:
            return None
        self.woken.add(str(entry["owner"]))
        reply = self._forwarded(entry, port, request) if entry["kind"] == "pod" else self._api(request)
        self._state.put(PORTS, self._all())
        return replace(reply, address=f"127.0.0.1:{port}", hops=())

    def _forwarded(self, entry: Entry, port: int, request: WebRequest) -> WebReply:
        entry["log"].append(f"Handling connection for {port}\n")
        url, remote = urlsplit(request.url), int(entry["remote"])
        headers = request.headers
        if not any(name.lower() == "host" for name, _ in headers):
            headers = (("Host", url.netloc), *headers)
        asked = replace(request, url=url._replace(netloc=f"127.0.0.1:{remote}").geturl(), headers=headers)
        try:
            return self._forwarder.send(entry["namespace"], entry["pod"], remote, asked)
        except StatusError as error:
            entry["failed"] = f"an error occurred forwarding {port} -> {remote}: {error.message}"
            return WebReply(error="empty")

    def _api(self, request: WebRequest) -> WebReply:
        url = urlsplit(request.url)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        answer = ask(self._client, request.method, target, request.headers, request.body)
        headers = (*answer.headers, ("Content-Length", str(len(answer.body))))
        return WebReply(answer.code, headers, answer.body)


def forget(state: StateBook, owner: str) -> None:
    """Close the ports of a shell that has ended."""
    known: dict[str, Entry] = state.get(PORTS) or {}
    if any(entry["owner"] == owner for entry in known.values()):
        state.put(PORTS, {key: entry for key, entry in known.items() if entry["owner"] != owner})
