"""How many requests of one level run at once."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="flowcontrol.apiserver.k8s.io",
    version="v1",
    kind="PriorityLevelConfiguration",
    plural="prioritylevelconfigurations",
    namespaced=False,
    subresources=(status_subresource("PriorityLevelConfiguration"),),
    has_status=True,
    has_generation=True,
)
