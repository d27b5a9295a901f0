"""How much room a storage driver has, by topology."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSIStorageCapacity",
    plural="csistoragecapacities",
    namespaced=True,
)
