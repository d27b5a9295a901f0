"""Pages of a list: limit, continue tokens, and lists of the past."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from cluster.apiserver.request import Request
from cluster.apiserver.selection import Selection
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request, gone, invalid
from cluster.machinery.fielderrors import forbidden_field, unsupported
from cluster.machinery.meta import Object, name, namespace
from cluster.store.interface import Compacted, Store

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the list."
)
_MATCH = "resourceVersionMatch"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its objects, the revision they stand for, and how to go on."""

    items: Sequence[Object]
    revision: int
    token: str = ""
    remaining: int | None = None


def read(store: Store, kind: Kind, request: Request) -> Page:
    """Return the page of `kind` that a list request asks for."""
    _check(request)
    selection = Selection.of(kind, request)
    where = request.namespace if kind.namespaced else ""
    revision, start = _position(store, request)
    if revision == store.revision:
        objects = _candidates(store, kind, where, selection)
    else:
        objects = _past(store, kind, where, revision)
    found = objects if selection.is_everything else [obj for obj in objects if selection.matches(obj)]
    if start:
        found = [obj for obj in found if (namespace(obj), name(obj)) >= start]
    return _cut(found, revision, request.limit, selection.is_everything)


def _candidates(store: Store, kind: Kind, where: str, selection: Selection) -> Sequence[Object]:
    """Read no more than the selector can match: one object by name, one node's pods."""
    wanted = selection.fields.required("metadata.name")
    if wanted and (where or not kind.namespaced):
        obj = store.get(kind.key, where, wanted)
        return [obj] if obj is not None else []
    node = selection.fields.required("spec.nodeName")
    if node and kind.key == "pods":
        return [pod for pod in store.pods_on(node) if not where or namespace(pod) == where]
    return store.list(kind.key, where)


def _past(store: Store, kind: Kind, where: str, revision: int) -> Sequence[Object]:
    try:
        return store.list_at(revision, kind.key, where)
    except Compacted:
        raise gone(_TOO_OLD) from None


def _check(request: Request) -> None:
    match, version = request.resource_version_match, request.resource_version
    errors = []
    if "sendInitialEvents" in request.query:
        errors.append(forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if match and not version:
        errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
    if match and request.continue_token:
        errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
    if match not in ("", "Exact", "NotOlderThan"):
        errors.append(unsupported(_MATCH, match, ["Exact", "NotOlderThan", ""]))
    if match == "Exact" and version == "0":
        errors.append(forbidden_field(_MATCH, f'{_MATCH} "Exact" is forbidden for resourceVersion "0"'))
    if errors:
        raise invalid("ListOptions", "meta.k8s.io", "", errors)
    check_version(version)


def check_version(version: str) -> None:
    """Refuse a resource version that is no unsigned number of 64 bits, with 400 in the real words."""
    if not version:
        return
    if not (version.isascii() and version.isdigit()):
        why = "invalid syntax"
    elif int(version) >> 64:
        why = "value out of range"
    else:
        return
    raise bad_request(f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: parsing "{version}": {why}')


def _position(store: Store, request: Request) -> tuple[int, tuple[str, str] | None]:
    """Return the revision to read at and the key to begin with."""
    if request.continue_token:
        revision, start = decode_token(request.continue_token)
        namespace_part, _, name_part = start.rpartition("/")
        return (revision if revision > 0 else store.revision), (namespace_part, name_part)
    asked = int(request.resource_version or 0)
    if asked > store.revision:
        raise too_large_version(asked, store.revision)
    exact = request.resource_version_match == "Exact" or (
        request.limit and asked and request.resource_version_match != "NotOlderThan"
    )
    return (asked if exact else store.revision), None


def too_large_version(asked: int, newest: int) -> StatusError:
    """Return what a client is told that has seen a revision this server does not know: try again soon."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return StatusError(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {newest}", details)


def _cut(found: Sequence[Object], revision: int, limit: int, whole: bool) -> Page:
    if not limit or len(found) <= limit:
        return Page(found, revision)
    items = found[:limit]
    remaining = len(found) - limit if whole else None
    return Page(items, revision, encode_token(revision, _key(items[-1]) + "\0"), remaining)


def _key(obj: Object) -> str:
    return f"{namespace(obj)}/{name(obj)}" if namespace(obj) else name(obj)


def encode_token(revision: int, start: str) -> str:
    data = orjson.dumps({"v": "meta.k8s.io/v1", "rv": revision, "start": start})
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_token(token: str) -> tuple[int, str]:
    """Return (revision, first key); 400 in the real words when the token is none."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise bad_request("continue key is not valid: illegal base64 data") from None
    try:
        data = orjson.loads(raw)
    except ValueError:
        shown = chr(raw[0]) if raw else ""
        why = f"invalid character '{shown}' looking for beginning of value" if raw else "unexpected end of JSON input"
        raise bad_request(f"invalid continue token: continue key is not valid: {why}") from None
    if not isinstance(data, dict) or data.get("v") != "meta.k8s.io/v1":
        why = 'server does not recognize this encoded version ""'
        raise bad_request(f"invalid continue token: continue key is not valid: {why}")
    revision, start = data.get("rv", 0), data.get("start", "")
    if not isinstance(revision, int) or not isinstance(start, str):
        raise bad_request("invalid continue token: continue key is not valid: json: cannot unmarshal")
    return revision, start
