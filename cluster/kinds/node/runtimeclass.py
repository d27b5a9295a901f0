"""A container runtime by name. https://kubernetes.io/docs/concepts/containers/runtime-class/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), obj.get("handler") or "", age(obj, now)


KIND = Kind(
    group="node.k8s.io",
    version="v1",
    kind="RuntimeClass",
    plural="runtimeclasses",
    namespaced=False,
    columns=(NAME, Column("Handler"), AGE),
    row=row,
)
