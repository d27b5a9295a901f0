"""Limits on the sum of a namespace. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="ResourceQuota",
    plural="resourcequotas",
    namespaced=True,
    short_names=("quota",),
    subresources=(status_subresource("ResourceQuota"),),
    has_status=True,
)
