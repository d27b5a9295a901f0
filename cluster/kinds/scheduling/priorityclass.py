"""A pod priority by name. https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="scheduling.k8s.io",
    version="v1",
    kind="PriorityClass",
    plural="priorityclasses",
    namespaced=False,
    short_names=("pc",),
    has_generation=True,
)
