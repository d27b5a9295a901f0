"""Rows of scheduling.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class PriorityClass(KubeObject):
    RESOURCE = "priorityclasses.scheduling.k8s.io"
