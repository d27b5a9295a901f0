"""Rows of node.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class RuntimeClass(KubeObject):
    RESOURCE = "runtimeclasses.node.k8s.io"
