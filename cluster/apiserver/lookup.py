"""The schema as strategic merge patch asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cluster.kinds import schema as schemas
from cluster.kinds.kind import Kind


@dataclass(frozen=True, slots=True)
class SchemaLookup:
    """One place in a schema; fields of a list are those of its items."""

    schema: schemas.Schema

    def field(self, name: str) -> SchemaLookup | None:
        here = schemas.items(self.schema) or self.schema
        found = schemas.property_of(here, name) or schemas.values(here)
        return SchemaLookup(found) if found is not None else None

    @property
    def merge_key(self) -> str:
        return schemas.merge_key(self.schema)

    @property
    def strategies(self) -> Sequence[str]:
        return schemas.patch_strategies(self.schema)


def of_kind(kind: Kind, version: str) -> SchemaLookup | None:
    """Return the lookup of a built-in kind; None for custom kinds, which have no strategic merge."""
    schema = schemas.of_kind(kind.group, version, kind.kind)
    return SchemaLookup(schema) if schema is not None else None
