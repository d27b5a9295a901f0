"""The reading side of a lab, for lesson checks and pages: objects, commands, files, requests, logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.authz.rules import Asked
from cluster.apiserver.context import Context
from cluster.apiserver.gates.outcome import refusers
from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.recorder import Recorder
from cluster.apiserver.ports import Containers
from cluster.apiserver.request import User, service_account
from cluster.machinery.errors import StatusError
from cluster.machinery.labels import parse as parse_selector
from cluster.machinery.meta import Object, labels
from cluster.network.fabric import Fabric
from cluster.runtime.fields import fields_at
from cluster.store.interface import Revision
from cluster.terminal import journal
from cluster.terminal.component import Terminals
from cluster.terminal.journal import Command
from cluster.workloads.files import FileError
from cluster.workloads.process import WebReply, WebRequest

__all__ = ["Asked", "Command", "Entry", "LabView", "News", "Revision", "fields_at", "refusers"]


@dataclass(frozen=True, slots=True)
class News:
    """What a look before this one has seen: the number of the last terminal line, and of the last request."""

    recorder: Recorder
    commands_after: int = 0
    requests_after: int = 0


class LabView:
    """A look at a lab, which knows what is new since the look before."""

    def __init__(self, context: Context, containers: Containers, network: Fabric, terminals: Terminals, news: News):
        self._context = context
        self._containers = containers
        self._network = network
        self._terminals = terminals
        self._news = news
        self._commands = journal.since(context.state, news.commands_after)
        self.commands_seen = journal.last(context.state)
        self.requests_seen = news.recorder.serial

    @property
    def now(self) -> float:
        return self._context.clock.now()

    def objects(self, resource: str, namespace: str = "", selector: str = "") -> Sequence[Object]:
        """Return a resource's objects; `namespace` '' is all of them."""
        found = self._context.store.list(resource, namespace)
        if not selector:
            return found
        matches = parse_selector(selector).matches
        return [obj for obj in found if matches(labels(obj))]

    def new_commands(self) -> Sequence[Command]:
        """Return the terminal lines that have ended since the look before."""
        return self._commands

    def requests(self) -> Sequence[Entry]:
        """Return what is remembered of the API server's requests, in order (see `cluster.apiserver.gates`)."""
        return self._news.recorder.after(0)

    def new_requests(self) -> Sequence[Entry]:
        """Return the requests since the look before."""
        return self._news.recorder.after(self._news.requests_after)

    def may(self, user: str, groups: Sequence[str], asked: Asked) -> bool:
        """Say whether the lab's authorisers allow it, without asking as that user."""
        parts = user.split(":")
        own = service_account(*parts[2:4]).groups if user.startswith("system:serviceaccount:") else ()
        who = User(user, tuple(dict.fromkeys([*groups, *own, "system:authenticated"])))
        return self._context.client.server.authorizer.decide(who, asked)[0]

    def home_file(self, path: str) -> str | None:
        return self._terminals.read_file(path)

    def container_file(self, namespace: str, pod: str, container: str, path: str) -> str | None:
        """Return a file of a running container; None when there is no such file, or container."""
        try:
            return self._containers.place(namespace, pod, container).files.read(path).decode("utf-8", "replace")
        except (FileError, StatusError):
            return None

    def fetch(self, url: str) -> WebReply:
        return self._network.fetch_from_outside(WebRequest("GET", url, timeout=5.0))

    def logs(self, namespace: str, pod: str, container: str) -> str:
        options: dict[str, Any] = {"container": container} if container else {}
        try:
            return self._containers.logs(namespace, pod, options).decode("utf-8", "replace")
        except StatusError:
            return ""
