"""A request for storage. https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="PersistentVolumeClaim",
    plural="persistentvolumeclaims",
    namespaced=True,
    short_names=("pvc",),
    subresources=(status_subresource("PersistentVolumeClaim"),),
    has_status=True,
)
