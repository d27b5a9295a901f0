"""Rows of resource.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class DeviceClass(KubeObject):
    RESOURCE = "deviceclasses.resource.k8s.io"


class ResourceClaim(KubeObject):
    RESOURCE = "resourceclaims.resource.k8s.io"


class ResourceClaimTemplate(KubeObject):
    RESOURCE = "resourceclaimtemplates.resource.k8s.io"


class ResourceSlice(KubeObject):
    RESOURCE = "resourceslices.resource.k8s.io"
