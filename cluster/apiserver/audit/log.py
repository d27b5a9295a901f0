"""The audit log of one start: a witness that writes a line of JSON for each Event its policy wants.

There is none, and nothing to pay, without `--audit-policy-file` and `--audit-log-path`. Left out: the
webhook backend, `--audit-log-path=-` and the Panic stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

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

    def _line(self, event: Mapping[str, Any]) -> str:
        return _legacy(event) if self._legacy else orjson.dumps(event).decode()


def _legacy(event: Mapping[str, Any]) -> str:
    """Return the one-line form of `--audit-log-format=legacy`."""
    user, played = event["user"], event.get("impersonatedUser")
    reference, status = event.get("objectRef") or {}, event.get("responseStatus") or {}
    words = {
        "id": event["auditID"],
        "stage": event["stage"],
        "ip": (event.get("sourceIPs") or ["<unknown>"])[0],
        "method": event["verb"],
        "user": user["username"],
        "groups": _groups(user),
        "as": played["username"] if played else "<self>",
        "asgroups": _groups(played) if played else "<lookup>",
        "user-agent": event.get("userAgent", ""),
        "namespace": reference.get("namespace", "<none>"),
        "uri": event["requestURI"],
        "response": str(status.get("code", "<deferred>")),
    }
    shown = " ".join(f"{word}={orjson.dumps(value).decode()}" for word, value in words.items())
    return f"{event['stageTimestamp']} AUDIT: {shown}"


def _groups(user: Mapping[str, Any]) -> str:
    groups = user.get("groups") or ()
    return ",".join(f'"{group}"' for group in groups) or "<none>"


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
