"""A class of devices for dynamic resource allocation."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="DeviceClass",
    plural="deviceclasses",
    namespaced=False,
    has_generation=True,
)
