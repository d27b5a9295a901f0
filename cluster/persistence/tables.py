"""The SQL of one resource's table. Parameterised upserts in batches are several times faster than the ORM."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from cluster.machinery.meta import Object
from cluster.models import MODELS, CustomObject
from cluster.models.base import KubeObject

Place = tuple[str, str]


@dataclass(frozen=True)
class Table:
    """Where the objects of one storage key are. Custom resources share a table, `resource` in its key."""

    resource: str
    model: type[KubeObject]

    @property
    def name(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def shared(self) -> bool:
        return self.model is CustomObject

    def scope(self) -> str:
        """Return the condition that narrows the table to one lab's objects of this resource."""
        return "lab_id = %s AND resource = %s" if self.shared else "lab_id = %s"

    def scope_values(self, lab: int) -> list[Any]:
        return [lab, self.resource] if self.shared else [lab]

    def key_columns(self) -> tuple[str, ...]:
        return ("lab_id", "resource", "namespace", "name") if self.shared else ("lab_id", "namespace", "name")

    def upsert(self) -> str:
        key, columns = self.key_columns(), self.model.columns()
        marks = ", ".join(["%s"] * (len(key) + len(columns)))
        changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
        names = ", ".join((*key, *columns))
        target = ", ".join(key)
        return f"INSERT INTO {self.name} ({names}) VALUES ({marks}) ON CONFLICT ({target}) DO UPDATE SET {changes}"

    def upsert_values(self, lab: int, place: Place, obj: Object, number: int, text: str) -> tuple[Any, ...]:
        return (*self.scope_values(lab), *place, *self.model.row(obj, number, text))

    def delete(self) -> str:
        return f"DELETE FROM {self.name} WHERE {self.scope()} AND namespace = %s AND name = %s"

    def delete_values(self, lab: int, place: Place) -> tuple[Any, ...]:
        return (*self.scope_values(lab), *place)

    def select(self, columns: str = "manifest") -> str:
        return f"SELECT {columns} FROM {self.name} WHERE {self.scope()}"


@cache
def table(resource: str) -> Table:
    return Table(resource, MODELS.get(resource, CustomObject))


KEY_ORDER = {
    "sqlite": " ORDER BY namespace, name",
    # Kubernetes lists in byte order, whatever the database's language.
    "postgresql": ' ORDER BY namespace COLLATE "C", name COLLATE "C"',
}
