"""Equal parts of objects kept once for all labs of a process: roles' rules, specs, who manages which fields.

Objects are never changed in place, so labs may share what is the same in them; most of a new lab
is the same as every other's. The shelf is bounded: what was not met for long is forgotten, and
merely no longer shared.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from cluster.machinery.meta import Object

KEPT = 20_000
SMALL = 24  # bytes of JSON that are not worth a place on the shelf
_ALWAYS_OWN = frozenset({"apiVersion", "kind", "metadata"})
_SHARED_METADATA = ("labels", "annotations", "finalizers")


class Shelf:
    """The parts, by their JSON."""

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
        found = self._parts.get(text)
        if found is None:
            self._parts[text] = value
            if len(self._parts) > self._kept:
                self._parts.popitem(last=False)
            return value
        self._parts.move_to_end(text)
        return found

    def shared(self, obj: Object) -> Object:
        """Return the object with its parts shared."""
        parts = {field: value if field in _ALWAYS_OWN else self.part(value) for field, value in obj.items()}
        metadata = dict(obj["metadata"])
        for field in _SHARED_METADATA:
            if field in metadata:
                metadata[field] = self.part(metadata[field])
        if "managedFields" in metadata:
            metadata["managedFields"] = [
                {**entry, "fieldsV1": self.part(entry["fieldsV1"])} if "fieldsV1" in entry else entry
                for entry in metadata["managedFields"]
            ]
        return {**parts, "metadata": metadata}

    def all_shared(self, objects: Iterable[Object]) -> Iterator[Object]:
        return map(self.shared, objects)


SHELF = Shelf()
