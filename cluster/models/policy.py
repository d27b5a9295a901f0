"""Rows of policy."""

from __future__ import annotations

from cluster.models.base import KubeObject


class PodDisruptionBudget(KubeObject):
    RESOURCE = "poddisruptionbudgets.policy"
