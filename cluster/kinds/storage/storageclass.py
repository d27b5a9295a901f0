"""A kind of storage on offer. https://kubernetes.io/docs/concepts/storage/storage-classes/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="StorageClass",
    plural="storageclasses",
    namespaced=False,
    short_names=("sc",),
)
