"""Rows of discovery.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class EndpointSlice(KubeObject):
    RESOURCE = "endpointslices.discovery.k8s.io"
