"""A class of devices for dynamic resource allocation."""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kinds.printing import AGE, NAME, name_and_age

KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="DeviceClass",
    plural="deviceclasses",
    namespaced=False,
    has_generation=True,
    columns=(NAME, AGE),
    row=name_and_age,
)
