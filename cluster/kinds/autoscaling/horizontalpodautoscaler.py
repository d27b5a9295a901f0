"""Scales a workload by its metrics. https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    plural="horizontalpodautoscalers",
    namespaced=True,
    short_names=("hpa",),
    categories=("all",),
    subresources=(status_subresource("HorizontalPodAutoscaler"),),
    has_status=True,
    other_versions=("v1",),
)
