"""Devices that a driver offers on a node."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceSlice",
    plural="resourceslices",
    namespaced=False,
    has_generation=True,
)
