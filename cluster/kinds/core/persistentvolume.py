"""A piece of storage in the cluster. https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="PersistentVolume",
    plural="persistentvolumes",
    namespaced=False,
    short_names=("pv",),
    subresources=(status_subresource("PersistentVolume"),),
    has_status=True,
)
