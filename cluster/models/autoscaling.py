"""Rows of autoscaling."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class HorizontalPodAutoscaler(KubeObject):
    RESOURCE = "horizontalpodautoscalers.autoscaling"
    TYPED = {"target": at("spec", "scaleTargetRef", "name")}

    target = short()
