"""Rows of storage.k8s.io."""

from __future__ import annotations

from django.db import models

from cluster.models.base import KubeObject, at, short


class CSIDriver(KubeObject):
    RESOURCE = "csidrivers.storage.k8s.io"


class CSINode(KubeObject):
    RESOURCE = "csinodes.storage.k8s.io"


class CSIStorageCapacity(KubeObject):
    RESOURCE = "csistoragecapacities.storage.k8s.io"


class StorageClass(KubeObject):
    RESOURCE = "storageclasses.storage.k8s.io"
    TYPED = {"provisioner": at("provisioner")}

    provisioner = short()


class VolumeAttachment(KubeObject):
    RESOURCE = "volumeattachments.storage.k8s.io"
    TYPED = {"node": at("spec", "nodeName")}

    node = short()

    class Meta(KubeObject.Meta):
        indexes = [models.Index(fields=["lab", "node"], name="volumeattachment_node")]


class VolumeAttributesClass(KubeObject):
    RESOURCE = "volumeattributesclasses.storage.k8s.io"
