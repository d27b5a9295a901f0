"""The event recorder of one component: what client-go's `tools/record` does.

The same event again (object, reason, message …) is counted up on the stored Event; many similar ones
with changing messages are combined into one. Its memory is a cache: a restarted component begins
new Events, as a real one does. Left out: the spam filter's token bucket.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from cluster.apiserver.client import Client
from cluster.machinery.clock import Clock, timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object

_CACHE = 4096
_SIMILAR = 10
_SIMILAR_SECONDS = 600
_COMBINED = "(combined from similar events): "


@dataclass(slots=True)
class _Seen:
    name: str
    namespace: str
    count: int
    first: str


@dataclass(slots=True)
class _Similar:
    messages: set[str]
    last: float


class EventLog:
    """Records as one component; `at(host)` records for one of its hosts (a kubelet's node)."""

    def __init__(self, client: Client, clock: Clock, component: str, host: str = ""):
        self._client = client
        self._clock = clock
        self._component = component
        self._host = host
        self._seen: OrderedDict[tuple[Any, ...], _Seen] = OrderedDict()
        self._similar: OrderedDict[tuple[Any, ...], _Similar] = OrderedDict()

    def at(self, host: str) -> EventLog:
        return EventLog(self._client, self._clock, self._component, host)

    def record(self, obj: Object, kind: str, reason: str, message: str) -> None:
        """Write or count up one Event; an Event that cannot be written is dropped, as in client-go."""
        reference = _reference(obj)
        similar = self._similar_key(reference, kind, reason)
        if self._too_many(similar, message):
            key: tuple[Any, ...] = (*similar, None)
            message = _COMBINED + message
        else:
            key = (*similar, message)
        try:
            self._write(key, reference, kind, reason, message)
        except StatusError:
            self._seen.pop(key, None)

    def _similar_key(self, reference: dict[str, str], kind: str, reason: str) -> tuple[Any, ...]:
        # resourceVersion is no part of it: the same event about a later state is the same event.
        about = tuple(value for field, value in reference.items() if field != "resourceVersion")
        return (*about, kind, reason)

    def _too_many(self, key: tuple[Any, ...], message: str) -> bool:
        now = self._clock.now()
        entry = self._similar.get(key)
        if entry is None or now - entry.last > _SIMILAR_SECONDS:
            entry = self._similar[key] = _Similar(set(), now)
        entry.messages.add(message)
        entry.last = now
        _trim(self._similar)
        return len(entry.messages) > _SIMILAR

    def _write(self, key: tuple[Any, ...], reference: dict[str, str], kind: str, reason: str, message: str) -> None:
        now = timestamp(self._clock.now())
        seen = self._seen.get(key)
        if seen is not None:
            patch = {"count": seen.count + 1, "lastTimestamp": now, "message": message}
            try:
                self._client.patch("events", seen.name, patch, seen.namespace, patch_type="merge")
                seen.count += 1
                return
            except StatusError as error:
                if error.reason != "NotFound":
                    raise
        namespace = reference.get("namespace") or "default"
        name = self._name(reference)
        self._client.create("events", self._event(name, namespace, reference, kind, reason, message, now), namespace)
        self._seen[key] = _Seen(name, namespace, 1, now)
        _trim(self._seen)

    def _name(self, reference: dict[str, str]) -> str:
        # Nanoseconds in the real one; the revision keeps two Events of one virtual moment apart.
        moment = int(self._clock.now() * 1e9) + self._client.server.store.revision
        return f"{reference.get('name', '')}.{moment:x}"

    def _event(
        self, name: str, namespace: str, reference: dict[str, str], kind: str, reason: str, message: str, now: str
    ) -> Object:
        source = {"component": self._component}
        if self._host:
            source["host"] = self._host
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": reference,
            "reason": reason,
            "message": message,
            "source": source,
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": kind,
            "eventTime": None,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }


def _reference(obj: Object) -> dict[str, str]:
    metadata = obj.get("metadata") or {}
    reference = {
        "kind": obj.get("kind", ""),
        "namespace": metadata.get("namespace", ""),
        "name": metadata.get("name", ""),
        "uid": metadata.get("uid", ""),
        "apiVersion": obj.get("apiVersion", ""),
        "resourceVersion": metadata.get("resourceVersion", ""),
        "fieldPath": obj.get("fieldPath", ""),
    }
    return {field: value for field, value in reference.items() if value}


def _trim(cache: OrderedDict[tuple[Any, ...], Any]) -> None:
    while len(cache) > _CACHE:
        cache.popitem(last=False)
