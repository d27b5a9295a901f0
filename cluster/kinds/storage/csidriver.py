"""What the cluster knows about a storage driver."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSIDriver",
    plural="csidrivers",
    namespaced=False,
)
