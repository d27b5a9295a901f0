"""Rows of custom resources: one table for the instances of every CustomResourceDefinition."""

from __future__ import annotations

from django.db import models

from cluster.models.base import KubeObject


class CustomObject(KubeObject):
    """`resource` is the storage key (`crontabs.stable.example.com`), part of this table's key."""

    resource = models.CharField(max_length=253)

    class Meta(KubeObject.Meta):
        constraints = [
            models.UniqueConstraint(fields=["lab", "resource", "namespace", "name"], name="customobject_key")
        ]
