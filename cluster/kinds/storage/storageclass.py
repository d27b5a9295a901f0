"""A kind of storage on offer. https://kubernetes.io/docs/concepts/storage/storage-classes/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age, name_or_default
from cluster.machinery.meta import Object

_DEFAULT_MARKS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def default(draft: Object) -> None:
    if draft.get("reclaimPolicy") is None:
        draft["reclaimPolicy"] = "Delete"
    if draft.get("volumeBindingMode") is None:
        draft["volumeBindingMode"] = "Immediate"


def row(obj: Object, now: float) -> Sequence[Any]:
    return (
        name_or_default(obj, *_DEFAULT_MARKS),
        obj.get("provisioner") or "",
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    )


KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="StorageClass",
    plural="storageclasses",
    namespaced=False,
    short_names=("sc",),
    columns=(
        NAME,
        Column("Provisioner", about="provisioner"),
        Column("ReclaimPolicy", about="reclaimPolicy"),
        Column("VolumeBindingMode", about="volumeBindingMode"),
        Column("AllowVolumeExpansion", about="allowVolumeExpansion"),
        AGE,
    ),
    row=row,
    default=default,
)
