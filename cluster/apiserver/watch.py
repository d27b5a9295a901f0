"""WATCH: what has happened since a revision, as one line of JSON per event.

A watch is a pure object: the shell lets it `begin`, then feeds it the revisions that it has read once
for all watches of the lab (or lets it catch up by itself), and writes what it returns.
Follows the API server's watch cache: initial events, bookmarks, objects that move in and out of a
selector, and 410 when history is gone. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from cluster.apiserver.conversion import api_version, from_stored
from cluster.apiserver.encoding import ObjectTexts, shaped
from cluster.apiserver.negotiation import JSON, Form
from cluster.apiserver.paging import check_version, too_large_version
from cluster.apiserver.request import Request
from cluster.apiserver.selection import Selection
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, gone, invalid
from cluster.machinery.fielderrors import forbidden_field, unsupported
from cluster.machinery.meta import Object, with_meta
from cluster.store.interface import Compacted, Revision, Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

_INITIAL_END = "k8s.io/initial-events-end"


Lines = dict[tuple[Any, ...], bytes]


class Watch:
    """One client's watch. `timeout` is how long the shell lets it run (0: the server's own choice)."""

    headers = (("Content-Type", JSON), ("Cache-Control", "no-cache, private"))

    def __init__(
        self, server: ApiServer, kind: Kind, request: Request, form: Form, texts: ObjectTexts, include: str = ""
    ):
        self.timeout = request.timeout
        self.closed = False
        self.cursor = -1  # the newest revision it has heard of
        self._server = server
        self._kind = kind
        self._request = request
        self._form = form
        self._texts = texts
        self._include = include
        self._selection = Selection.of(kind, request)
        self._namespace = request.namespace if kind.namespaced else ""
        self._headed = False  # a Table's columns are told once
        _check(request)

    @property
    def resource(self) -> str:
        """Return the storage key it watches, so that a shell can leave it asleep."""
        return self._kind.key

    @property
    def wants_bookmarks(self) -> bool:
        return self._request.allow_bookmarks and not self.closed

    def poll(self, store: Store | None = None) -> list[bytes]:
        """Return the events since the last call, encoded, one line each."""
        store = store or self._server.store
        lines = self.begin(store) if self.cursor < 0 else []
        return lines + self.catch_up(store)[0]

    def begin(self, store: Store) -> list[bytes]:
        """Return what comes before the history: the objects there are, where they are asked for."""
        asked = int(self._request.resource_version or 0)
        newest = store.revision
        said = "sendInitialEvents" in self._request.query or self._request.send_initial_events
        initial = self._request.send_initial_events if said else asked == 0
        if initial and asked > newest:
            self.cursor = asked
            return self.fail(too_large_version(asked, newest))
        self.cursor = newest if initial or asked == 0 else asked
        if not initial:
            return []
        found = self._selection.filter(store.list(self._kind.key, self._namespace))
        lines: list[bytes] = []
        for obj in found:
            lines.append(self._event("ADDED", obj, int(obj["metadata"]["resourceVersion"])))
        if self._request.send_initial_events and self._request.allow_bookmarks:
            lines.append(self.bookmark({_INITIAL_END: "true"}))
        return lines

    def catch_up(self, store: Store, limit: int | None = None) -> tuple[list[bytes], bool]:
        """Return the next events read from the log, at most `limit`, and whether that is all there is by now."""
        if self.closed:
            return [], True
        newest = store.revision
        if newest <= self.cursor:
            return [], True
        try:
            revisions = list(store.since(self.cursor, self._kind.key, limit))
        except Compacted as error:
            return self.expire(error.oldest), True
        whole = limit is None or len(revisions) < limit
        return self.feed(revisions, newest if whole else 0), whole

    def feed(self, revisions: Iterable[Revision], newest: int = 0, shared: Lines | None = None) -> list[bytes]:
        """Return the events that revisions read elsewhere mean; those seen already are skipped.

        `newest` is the log's end as the reader saw it. `shared` keeps the lines of these revisions
        for other watches of the lab: each is encoded once per form.
        """
        lines: list[bytes] = []
        for revision in revisions:
            if revision.number > self.cursor:
                self.cursor = revision.number
                if revision.resource == self._kind.key and (line := self._line(revision, shared)):
                    lines.append(line)
        self.cursor = max(self.cursor, newest)
        return lines

    def expire(self, oldest: int) -> list[bytes]:
        """End: what it has not heard is compacted."""
        return self.fail(gone(f"too old resource version: {self.cursor} ({oldest})"))

    def fail(self, error: StatusError) -> list[bytes]:
        """End with an error, which a watch tells as an event."""
        self.closed = True
        return [b'{"type":"ERROR","object":' + orjson.dumps(error.status()) + b"}\n"]

    def end(self) -> Sequence[bytes]:
        """Return what a server says before its time-out closes the watch."""
        last = [self.bookmark()] if self.wants_bookmarks and self.cursor >= 0 else []
        self.closed = True
        return last

    def _line(self, revision: Revision, shared: Lines | None) -> bytes | None:
        if self._namespace and revision.namespace != self._namespace:
            return None
        before = revision.previous is not None and self._selection.matches(revision.previous)
        after = revision.verb != "DELETED" and self._selection.matches(revision.object)
        if not after and not before:
            return None
        verb = "DELETED" if not after else "MODIFIED" if before else "ADDED"
        key = (revision.number, verb, self._request.version, self._form, self._include, self._headed)
        line = shared.get(key) if shared is not None else None
        if line is None:
            line = self._told(verb, revision)
            if shared is not None:
                shared[key] = line
        self._headed = True
        return line

    def _told(self, verb: str, revision: Revision) -> bytes:
        if verb != "DELETED":
            return self._event(verb, revision.object, revision.number)
        last = revision.object if revision.verb == "DELETED" else revision.previous or revision.object
        gone_now = with_meta(last, resourceVersion=str(revision.number))
        # A deletion's text is another than that of the write before it, whose number it may share.
        return self._event("DELETED", gone_now, -revision.number)

    def _event(self, verb: str, obj: Object, number: int) -> bytes:
        if self._form.kind == "Table":
            text = self._row(obj)
        else:
            now = self._server.clock.now()
            text = self._texts.text(self._kind, self._request.version, obj, self._form, now, self._include, number)
        return b'{"type":"%s","object":' % verb.encode() + text + b"}\n"

    def _row(self, obj: Object) -> bytes:
        """Return a Table of one row; its columns are named in the first only."""
        answer = from_stored(self._kind, self._request.version, obj)
        table = shaped(self._kind, answer, self._form, self._server.clock.now(), self._include)
        if self._headed:
            table["columnDefinitions"] = None
        self._headed = True
        return orjson.dumps(table)

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        """Return the event that says how far the watch has come."""
        metadata: dict[str, Any] = {"resourceVersion": str(self.cursor), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        version = api_version(self._kind, self._request.version)
        obj: Object = {"kind": self._kind.kind, "apiVersion": version, "metadata": metadata}
        if self._form.kind == "Table":
            table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
            obj = {**table, "columnDefinitions": [], "rows": []}
        return b'{"type":"BOOKMARK","object":' + orjson.dumps(obj) + b"}\n"


def _check(request: Request) -> None:
    match = request.resource_version_match
    said = "sendInitialEvents" in request.query or request.send_initial_events
    errors = []
    if said and match != "NotOlderThan":
        text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        errors.append(forbidden_field("resourceVersionMatch", text))
    if match and not said:
        text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        errors.append(forbidden_field("resourceVersionMatch", text))
    if match not in ("", "NotOlderThan"):
        errors.append(unsupported("resourceVersionMatch", match, ["NotOlderThan"]))
    if match and request.continue_token:
        text = "resourceVersionMatch is forbidden when continue is provided"
        errors.append(forbidden_field("resourceVersionMatch", text))
    if errors:
        raise invalid("ListOptions", "meta.k8s.io", "", errors)
    check_version(request.resource_version)
