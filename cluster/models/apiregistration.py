"""Rows of apiregistration.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class APIService(KubeObject):
    RESOURCE = "apiservices.apiregistration.k8s.io"
    TYPED = {"serves_group": at("spec", "group")}

    serves_group = short()
