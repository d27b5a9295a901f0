"""One exchange as plain JSON data, small enough to keep hundreds of.

`detail` leaves out what is empty. Its keys: group, version, plural, subresource, method, uri, source, agent, manager,
via, dry_run, user {name, groups, uid, extra}, impersonator {the same}, reason, message, causes, warnings, body,
explanation (what the authorisers' rules say about a refusal), writes (revisions), and verdicts: stage, by, allowed,
text, detail, changes (operations of `Change`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from cluster.apiserver.changes import Change
from cluster.apiserver.exchange import Exchange
from cluster.apiserver.request import Request, User, Verdict

BODY = 16_384  # bytes of a sent object that are kept
WRITES = 50  # revisions named of one request, of a deletecollection mostly
_WRITING = frozenset({"create", "update", "patch"})
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One remembered request. `resource` is `plural.group/subresource`, '' for a path; `time` the lab's seconds."""

    serial: int
    ring: str
    time: float
    actor: str
    verb: str
    resource: str
    namespace: str
    name: str
    code: int
    revision: int
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        return self.code >= 400


def body_of(request: Request) -> bytes:
    """Return what was sent, as JSON; b'' when nothing was, or too much."""
    if request.body is None or request.verb not in _WRITING:
        return b""
    try:
        text = orjson.dumps(request.body)
    except TypeError:
        return b""
    return text if len(text) <= BODY else b""


def entry_of(
    exchange: Exchange, serial: int, ring: str, via: str, body: bytes = b"", explanation: Data | None = None
) -> Entry:
    request = exchange.request
    writes = [verdict.detail for verdict in request.verdicts if verdict.stage == "store"]
    detail = _detail(exchange, via)
    detail["writes"] = [dict(one) for one in writes[:WRITES]]
    detail["explanation"] = explanation
    detail["body"] = orjson.loads(body) if body else None
    return Entry(
        serial,
        ring,
        exchange.ended,
        request.user.name,
        request.verb,
        _resource(request),
        request.namespace,
        request.name or _name(exchange),
        exchange.code,
        writes[-1]["revision"] if writes else 0,
        {key: value for key, value in detail.items() if value},
    )


def _detail(exchange: Exchange, via: str) -> Data:
    request, error = exchange.request, exchange.error
    found: Data = {
        "group": request.group,
        "version": request.version if request.resource else "",
        "plural": request.resource,
        "subresource": request.subresource,
        "method": request.method,
        "uri": request.uri,
        "source": request.source,
        "agent": request.user_agent,
        "manager": request.field_manager,
        "via": "wire" if request.method else via,
        "dry_run": request.dry_run,
        "patch": request.patch_type if request.verb == "patch" else "",
        "user": _user(request.user),
        "impersonator": _user(request.impersonator) if request.impersonator else None,
        "warnings": list(request.warnings),
        "verdicts": [_verdict(one) for one in request.verdicts if one.stage != "store"],
    }
    if error is not None:
        found |= {"reason": error.reason, "message": error.message, "causes": error.details.get("causes")}
    return found


def _user(user: User) -> Data:
    found: Data = {"name": user.name, "groups": list(user.groups)}
    if user.uid:
        found["uid"] = user.uid
    if user.extra:
        found["extra"] = {key: list(values) for key, values in user.extra.items()}
    return found


def _verdict(verdict: Verdict) -> Data:
    found: Data = {"stage": verdict.stage, "by": verdict.by, "allowed": verdict.allowed}
    if verdict.text:
        found["text"] = verdict.text
    detail = dict(verdict.detail)
    change = detail.pop("change", None)
    if isinstance(change, Change) and (operations := change.operations()):
        found["changes"] = operations
    if detail:
        found["detail"] = detail
    return found


def _resource(request: Request) -> str:
    qualified = f"{request.resource}.{request.group}" if request.group else request.resource
    return f"{qualified}/{request.subresource}" if request.subresource else qualified


def _name(exchange: Exchange) -> str:
    """Return the name of what a create made or would have made."""
    for shown in (exchange.answer, exchange.request.body):
        metadata = shown.get("metadata") if isinstance(shown, dict) else None
        if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
            return str(metadata["name"])
    return ""
