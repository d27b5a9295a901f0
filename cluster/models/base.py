"""What every stored kind has: the object as JSON text, and beside it the columns that queries need.

The text is the truth (`metadata.resourceVersion` included); the columns are read from it on every
write, so they can never say something else. Rows are written by `cluster.persistence` in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import models

from cluster.machinery.meta import Object, is_deleting, labels, meta
from cluster.models.lab import Lab
from cluster.models.text import dumps

Reader = Callable[[Object], Any]


def at(*path: str) -> Reader:
    """Return a reader of one field as text, '' where it is missing."""

    def read(obj: Object) -> str:
        value: Any = obj
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return str(value) if value is not None else ""

    return read


def condition(kind: str) -> Reader:
    """Return a reader of one condition's status: True, False, Unknown or ''."""

    def read(obj: Object) -> str:
        found = [one for one in (obj.get("status") or {}).get("conditions") or () if one.get("type") == kind]
        return str(found[0].get("status", "")) if found else ""

    return read


def number(*path: str) -> Reader:
    """Return a reader of one integer field, None where it is missing."""
    read = at(*path)
    return lambda obj: int(read(obj)) if read(obj).lstrip("-").isdigit() else None


def short(length: int = 253) -> models.CharField:
    """Return a column for a typed field."""
    return models.CharField(max_length=length, default="", blank=True)


def count() -> models.IntegerField:
    return models.IntegerField(null=True)


class KubeObject(models.Model):
    """One object of one lab. A subclass is one kind; `TYPED` says how its own columns are read."""

    TYPED: ClassVar[Mapping[str, Reader]] = {}
    RESOURCE: ClassVar[str] = ""  # the storage key

    lab = models.ForeignKey(Lab, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    namespace = models.CharField(max_length=253, blank=True)
    name = models.CharField(max_length=253)
    uid = models.CharField(max_length=64)
    resource_version = models.BigIntegerField()
    labels = models.TextField(blank=True)
    owners = models.TextField(blank=True)
    created = models.CharField(max_length=32, blank=True)
    deleting = models.BooleanField(default=False)
    manifest = models.TextField()

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["lab", "namespace", "name"], name="%(class)s_key")]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the columns after the key, in the order of `row`."""
        return (*COMMON, *cls.TYPED)

    @classmethod
    def row(cls, obj: Object, number: int, text: str) -> tuple[Any, ...]:
        """Return the values of `columns()` for `obj`."""
        about = meta(obj)
        common = (
            str(about.get("uid", "")),
            number,
            dumps(labels(obj)) if labels(obj) else "",
            ",".join(str(owner.get("uid", "")) for owner in about.get("ownerReferences") or ()),
            str(about.get("creationTimestamp", "")),
            is_deleting(obj),
            text,
        )
        return (*common, *(read(obj) for read in cls.TYPED.values()))


COMMON = ("uid", "resource_version", "labels", "owners", "created", "deleting", "manifest")
