"""The claim each pod of a workload gets."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="resource.k8s.io",
    version="v1",
    kind="ResourceClaimTemplate",
    plural="resourceclaimtemplates",
    namespaced=True,
)
