"""Rows of coordination.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class Lease(KubeObject):
    RESOURCE = "leases.coordination.k8s.io"
    TYPED = {"holder": at("spec", "holderIdentity"), "renewed": at("spec", "renewTime")}

    holder = short()
    renewed = short(40)
