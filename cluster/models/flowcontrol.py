"""Rows of flowcontrol.apiserver.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class FlowSchema(KubeObject):
    RESOURCE = "flowschemas.flowcontrol.apiserver.k8s.io"


class PriorityLevelConfiguration(KubeObject):
    RESOURCE = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io"
