"""Who holds what until when: leader election and node heartbeats."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    plural="leases",
    namespaced=True,
)
