"""A container runtime by name. https://kubernetes.io/docs/concepts/containers/runtime-class/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, immutable, texts
from cluster.machinery.meta import Object, name
from cluster.machinery.names import dns_label


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), obj.get("handler") or "", age(obj, now)


def validate(obj: Object) -> Errors:
    handler = obj.get("handler") or ""
    return texts("handler", handler, dns_label(handler))


def validate_update(new: Object, old: Object) -> Errors:
    return immutable("handler", new.get("handler"), old.get("handler"))


KIND = Kind(
    group="node.k8s.io",
    version="v1",
    kind="RuntimeClass",
    plural="runtimeclasses",
    namespaced=False,
    columns=(NAME, Column("Handler"), AGE),
    row=row,
    validate=validate,
    validate_update=validate_update,
)
