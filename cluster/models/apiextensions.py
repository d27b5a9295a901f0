"""Rows of apiextensions.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class CustomResourceDefinition(KubeObject):
    RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
    TYPED = {"serves_group": at("spec", "group")}

    serves_group = short()
