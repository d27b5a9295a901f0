"""The storage drivers of one node."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSINode",
    plural="csinodes",
    namespaced=False,
)
