"""Pods that run to completion. https://kubernetes.io/docs/concepts/workloads/controllers/job/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="batch",
    version="v1",
    kind="Job",
    plural="jobs",
    namespaced=True,
    categories=("all",),
    subresources=(status_subresource("Job"),),
    has_status=True,
    has_generation=True,
)
