"""`/openapi/v2` and `/openapi/v3`: built once per set of kinds and kept as bytes.

`kubectl explain` and apply's validation read them. A lab with custom kinds has documents of its own.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson

from cluster.apiserver.custom import CustomKind
from cluster.apiserver.negotiation import JSON, clauses
from cluster.apiserver.openapi import gnostic, v2, v3
from cluster.apiserver.wireforms import HttpResponse
from cluster.kinds.kind import Kind
from cluster.kinds.registry import Registry

_GNOSTIC = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_GNOSTIC_ASKED = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_KEPT = 256


class OpenApi:
    """The documents of every registry seen lately; safe to share, since a registry never changes."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def _keep(self, key: tuple[Any, ...], make: Callable[[], bytes]) -> bytes:
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
            while len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return found

    def v2(self, registry: Registry, accept: str) -> HttpResponse:
        asked = [clause.media for clause in clauses(accept)]
        binary = any(media in (_GNOSTIC, _GNOSTIC_ASKED) for media in asked[:1])
        if binary:
            body = self._keep((_mark(registry), "v2", "binary"), lambda: gnostic.encode(v2.document(registry)))
            return HttpResponse(200, [("Content-Type", _GNOSTIC)], body)
        body = self._keep((_mark(registry), "v2", "json"), lambda: orjson.dumps(v2.document(registry)))
        return HttpResponse(200, [("Content-Type", JSON)], body)

    def places(self, registry: Registry) -> list[str]:
        """Return the names of the v3 documents: `api/v1`, `apis/apps/v1` …"""
        found = []
        for group in registry.groups:
            found += [f"apis/{group}/{version}" if group else f"api/{version}" for version in registry.versions(group)]
        return sorted(found)

    def v3(self, registry: Registry, place: str) -> HttpResponse | None:
        """Return the index (an empty place) or one document; None for an unknown one."""
        if not place:
            places = self.places(registry)
            index = {"paths": {name: {"serverRelativeURL": self._url(registry, name)} for name in places}}
            return HttpResponse(200, [("Content-Type", JSON)], orjson.dumps(index))
        if place not in self.places(registry):
            return None
        return HttpResponse(200, [("Content-Type", JSON)], self._document(registry, place))

    def _document(self, registry: Registry, place: str) -> bytes:
        parts = place.split("/")
        group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
        # A built-in group is the same in every lab, whatever custom kinds it has.
        kinds = registry.of_group(group)
        key = (tuple((kind.resource, schema_text(kind)) for kind in kinds), place)
        return self._keep(key, lambda: orjson.dumps(v3.document(kinds, group, version)))

    def _url(self, registry: Registry, place: str) -> str:
        # A hash of what the document is made from: building all of them for one index would take seconds.
        parts = place.split("/")
        group = "" if parts[0] == "api" else parts[1]
        told = [f"{kind.kind} {schema_text(kind)}" for kind in registry.of_group(group)]
        digest = hashlib.sha512(f"{place} {told}".encode()).hexdigest().upper()
        return f"/openapi/v3/{place}?hash={digest}"


def schema_text(kind: Kind) -> str:
    """Return what may change about a kind between two labs: a custom kind's schema."""
    if not isinstance(kind, CustomKind):
        return ""
    return repr({version: own.schema for version, own in kind.versions.items()})


def _mark(registry: Registry) -> int:
    return hash(tuple((kind.resource, kind.version, schema_text(kind)) for kind in registry.all()))
