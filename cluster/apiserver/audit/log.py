"""The audit log of one start: a witness that writes a line of JSON for each Event its policy wants.

There is none, and nothing to pay, without `--audit-policy-file` and `--audit-log-path`. Left out: the
webhook backend, `--audit-log-path=-` and the Panic stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import orjson

from cluster.apiserver.audit.event import events
from cluster.apiserver.audit.policy import NONE, Policy, read
from cluster.apiserver.exchange import Exchange
from cluster.apiserver.launch import Launch

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_LEGACY = "legacy"


class Sink(Protocol):
    """Takes the lines of the log, from this process to the control-plane machine's disk."""

    def write(self, lines: Sequence[str], launch: Launch) -> None: ...


class AuditLog:
    """Told of every exchange; writes what the policy wants told."""

    def __init__(self, server: ApiServer, policy: Policy, sink: Sink, *, legacy: bool = False):
        self._server = server
        self._policy = policy
        self._sink = sink
        self._legacy = legacy
        self._count = 0

    def saw(self, exchange: Exchange) -> None:
        told = self._policy.told(exchange.request)
        if told.level == NONE:
            return
        self._count += 1
        request = exchange.request
        words = (self._server.store.revision, request.user.name, request.verb, request.uri, self._count)
        identity = self._server.ids.uid("audit", exchange.ended, *words)
        self._sink.write([self._line(event) for event in events(exchange, told, identity)], self._server.launch)

    def _line(self, event: dict[str, object]) -> str:
        return _legacy(event) if self._legacy else orjson.dumps(event).decode()


def _legacy(event: dict[str, object]) -> str:
    """Return the one-line form of `--audit-log-format=legacy`."""
    user, reference = event["user"], event.get("objectRef") or {}
    status = event.get("responseStatus") or {}
    assert isinstance(user, dict) and isinstance(reference, dict) and isinstance(status, dict)
    sources = event.get("sourceIPs")
    groups = ",".join(f'"{group}"' for group in user.get("groups") or ())
    address = sources[0] if isinstance(sources, list) else ""
    return (
        f'{event["stageTimestamp"]} AUDIT: id="{event["auditID"]}" stage="{event["stage"]}" ip="{address}" '
        f'method="{event["verb"]}" user="{user["username"]}" groups="{groups}" as="<self>" asgroups="<lookup>" '
        f'user-agent="{event.get("userAgent", "")}" namespace="{reference.get("namespace", "<none>")}" '
        f'uri="{event["requestURI"]}" response="{status.get("code", "<deferred>")}"'
    )


def audit_of(server: ApiServer, launch: Launch) -> AuditLog | None:
    """Return the log a start asks for; None where it asks for none, or nobody can keep it."""
    text, sink = launch.file("audit-policy-file"), server.audit_sink
    if text is None or sink is None or not launch.value("audit-log-path"):
        return None
    try:
        policy = read(text)
    except ValueError:
        return None  # the check of the flags has refused such a start
    return AuditLog(server, policy, sink, legacy=launch.value("audit-log-format") == _LEGACY)
