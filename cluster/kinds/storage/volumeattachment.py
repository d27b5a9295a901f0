"""A volume that is attached, or to be attached, to a node."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttachment",
    plural="volumeattachments",
    namespaced=False,
    subresources=(status_subresource("VolumeAttachment"),),
    has_status=True,
)
