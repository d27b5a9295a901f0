"""Served versions: objects are stored in one version per kind and converted at the door."""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.machinery.meta import Object


def api_version(kind: Kind, version: str) -> str:
    return f"{kind.group}/{version}" if kind.group else version


def to_stored(kind: Kind, version: str, draft: Object) -> Object:
    """Return `draft` (of the request's version) in the stored version."""
    converters = kind.convert.get(version)
    return converters[0](draft) if converters else draft


def from_stored(kind: Kind, version: str, obj: Object) -> Object:
    """Return a stored object in the version that was asked for."""
    converters = kind.convert.get(version)
    return converters[1](obj) if converters else obj
