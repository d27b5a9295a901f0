"""WATCH: what has happened since a revision, as one line of JSON per event.

A watch is a pure object: the shell asks `poll` after each wake-up and writes what it returns.
Follows the API server's watch cache: initial events, bookmarks, objects that move in and out of a
selector, and 410 when history is gone. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from cluster.apiserver.conversion import api_version
from cluster.apiserver.encoding import ObjectTexts
from cluster.apiserver.negotiation import JSON, Form
from cluster.apiserver.request import Request
from cluster.apiserver.selection import Selection
from cluster.kinds.kind import Kind
from cluster.machinery.errors import bad_request, gone, invalid
from cluster.machinery.fielderrors import forbidden_field
from cluster.machinery.meta import Object, with_meta
from cluster.store.interface import Compacted, Revision, Store

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

BOOKMARK_SECONDS = 60.0
_INITIAL_END = "k8s.io/initial-events-end"


class Watch:
    """One client's watch. `timeout` is how long the shell lets it run (0: the server's own choice)."""

    headers = (("Content-Type", JSON), ("Cache-Control", "no-cache, private"))

    def __init__(
        self, server: ApiServer, kind: Kind, request: Request, form: Form, texts: ObjectTexts, include: str = ""
    ):
        self.timeout = request.timeout
        self.closed = False
        self._server = server
        self._kind = kind
        self._request = request
        self._form = form
        self._texts = texts
        self._include = include
        self._selection = Selection.of(kind, request)
        self._namespace = request.namespace if kind.namespaced else ""
        self._cursor = -1
        self._bookmarked = server.clock.now()
        _check(request)

    @property
    def resource(self) -> str:
        """Return the storage key it watches, so that a shell can leave it asleep."""
        return self._kind.key

    def poll(self, store: Store | None = None) -> list[bytes]:
        """Return the events since the last call, encoded, one line each."""
        store = store or self._server.store
        if self.closed:
            return []
        try:
            return self._begin(store) if self._cursor < 0 else self._read(store)
        except Compacted as error:
            return self._expire(error)

    def feed(self, revisions: Iterable[Revision]) -> list[bytes]:
        """Return the events that revisions read elsewhere mean; those seen already are skipped."""
        lines: list[bytes] = []
        for revision in revisions:
            if revision.number > self._cursor:
                self._cursor = revision.number
                if revision.resource == self._kind.key and (line := self._line(revision)):
                    lines.append(line)
        return lines

    def _begin(self, store: Store) -> list[bytes]:
        asked = int(self._request.resource_version or 0)
        initial = self._request.send_initial_events or (asked == 0 and "sendInitialEvents" not in self._request.query)
        if asked > 0 and not self._request.send_initial_events:
            self._cursor = asked
            return self._read(store)
        top = store.revision
        self._cursor = top if initial or asked == 0 else asked
        found = self._selection.filter(store.list(self._kind.key, self._namespace)) if initial else []
        lines = [self._event("ADDED", obj, int(obj["metadata"]["resourceVersion"])) for obj in found]
        if self._request.send_initial_events and self._request.allow_bookmarks:
            lines.append(self._bookmark({_INITIAL_END: "true"}))
        return lines

    def _read(self, store: Store) -> list[bytes]:
        top = store.revision
        lines = self.feed(store.since(self._cursor, self._kind.key)) if top > self._cursor else []
        self._cursor = max(top, self._cursor)
        now = self._server.clock.now()
        if self._request.allow_bookmarks and now - self._bookmarked >= BOOKMARK_SECONDS and not lines:
            self._bookmarked = now
            lines.append(self._bookmark())
        return lines

    def _expire(self, error: Compacted) -> list[bytes]:
        self.closed = True
        status = gone(f"too old resource version: {self._cursor} ({error.oldest})").status()
        return [b'{"type":"ERROR","object":' + orjson.dumps(status) + b"}\n"]

    def end(self) -> Sequence[bytes]:
        """Return what a server says before its time-out closes the watch."""
        self.closed = True
        return [self._bookmark()] if self._request.allow_bookmarks and self._cursor >= 0 else []

    def _line(self, revision: Revision) -> bytes | None:
        if self._namespace and revision.namespace != self._namespace:
            return None
        before = revision.previous is not None and self._selection.matches(revision.previous)
        after = revision.verb != "DELETED" and self._selection.matches(revision.object)
        if after:
            return self._event("MODIFIED" if before else "ADDED", revision.object, revision.number)
        if not before or revision.previous is None:
            return None
        last = revision.object if revision.verb == "DELETED" else revision.previous
        return self._event("DELETED", with_meta(last, resourceVersion=str(revision.number)), revision.number, "gone")

    def _event(self, kind: str, obj: Object, number: int, variant: str = "") -> bytes:
        form = self._form
        now = self._server.clock.now()
        # A deletion's text is another than that of the write before it, whose number it may share.
        mark = -number if variant else number
        text = self._texts.text(self._kind, self._request.version, obj, form, now, self._include or variant, mark)
        return b'{"type":"%s","object":' % kind.encode() + text + b"}\n"

    def _bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        metadata: dict[str, Any] = {"resourceVersion": str(self._cursor), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        obj: Object = {
            "kind": self._kind.kind,
            "apiVersion": api_version(self._kind, self._request.version),
            "metadata": metadata,
        }
        if self._form.kind == "Table":
            obj = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata,
                "columnDefinitions": [],
                "rows": [],
            }
        return b'{"type":"BOOKMARK","object":' + orjson.dumps(obj) + b"}\n"


def _check(request: Request) -> None:
    match = request.resource_version_match
    errors = []
    if request.send_initial_events and match != "NotOlderThan":
        text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        errors.append(forbidden_field("resourceVersionMatch", text))
    if match and "sendInitialEvents" not in request.query and not request.send_initial_events:
        text = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        errors.append(forbidden_field("resourceVersionMatch", text))
    if errors:
        raise invalid("ListOptions", "meta.k8s.io", "", errors)
    version = request.resource_version
    if version and not version.isdigit():
        raise bad_request(f'Invalid value: "{version}": strconv.ParseUint: parsing "{version}": invalid syntax')
