"""Minimum, maximum and default resources within a namespace. https://kubernetes.io/docs/concepts/policy/limit-range/"""

from __future__ import annotations

from cluster.kinds.core.limitrules import default, validate
from cluster.kinds.kind import Kind
from cluster.kinds.printing import CREATED_AT, NAME, name_and_creation

KIND = Kind(
    group="",
    version="v1",
    kind="LimitRange",
    plural="limitranges",
    namespaced=True,
    short_names=("limits",),
    columns=(NAME, CREATED_AT),
    row=name_and_creation,
    default=default,
    validate=validate,
)
