"""Equal parts of objects kept once for all labs of a process: roles' rules, specs, who manages which fields.

Objects are never changed in place, so labs may share what is the same in them; most of a new lab
is the same as every other's. The shelf is bounded: what was not met for long is forgotten, and
merely no longer shared.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

import orjson

from cluster.machinery.meta import Object

KEPT = 20_000
SMALL = 24  # bytes of JSON that are not worth a place on the shelf
_ALWAYS_OWN = frozenset({"apiVersion", "kind", "metadata"})
_SHARED_METADATA = ("labels", "annotations", "finalizers", "managedFields")


class Shelf:
    """The parts, by a digest of their JSON: the text itself would weigh as much as what is saved."""

    def __init__(self, kept: int = KEPT):
        self._kept = kept
        self._parts: OrderedDict[bytes, Any] = OrderedDict()

    def part(self, value: Any) -> Any:
        """Return an equal value that others may hold, too."""
        if not isinstance(value, (dict, list)):
            return value
        text = orjson.dumps(value)
        if len(text) < SMALL:
            return value
        key = blake2b(text, digest_size=16).digest()
        found = self._parts.get(key)
        if found is None:
            return self._put(key, self._inner(value))
        self._parts.move_to_end(key)
        return found

    def _inner(self, value: Any) -> Any:
        """Return a value that nobody else has, of parts that others may have."""
        if isinstance(value, dict):
            return {field: self.part(each) for field, each in value.items()}
        return [self.part(each) for each in value]

    def _put(self, key: bytes, value: Any) -> Any:
        self._parts[key] = value
        if len(self._parts) > self._kept:
            self._parts.popitem(last=False)
        return value

    def shared(self, obj: Object) -> Object:
        """Return the object with its parts shared."""
        parts = {field: value if field in _ALWAYS_OWN else self.part(value) for field, value in obj.items()}
        metadata = dict(obj["metadata"])
        for field in _SHARED_METADATA:
            if field in metadata:
                metadata[field] = self.part(metadata[field])
        return {**parts, "metadata": metadata}

    def all_shared(self, objects: Iterable[Object]) -> Iterator[Object]:
        return map(self.shared, objects)


SHELF = Shelf()
