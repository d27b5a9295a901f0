"""A volume that is attached, or to be attached, to a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def prepare_create(draft: Object) -> None:
    draft["status"] = {"attached": False}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec = obj.get("spec") or {}
    return (
        name(obj),
        spec.get("attacher") or "",
        (spec.get("source") or {}).get("persistentVolumeName") or "",
        spec.get("nodeName") or "",
        bool((obj.get("status") or {}).get("attached")),
        age(obj, now),
    )


KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttachment",
    plural="volumeattachments",
    namespaced=False,
    subresources=(status_subresource("VolumeAttachment"),),
    has_status=True,
    columns=(
        NAME,
        Column("Attacher", format="name", about="spec.attacher"),
        Column("PV", about="spec.source.persistentVolumeName"),
        Column("Node", about="spec.nodeName"),
        Column("Attached", "boolean", about="status.attached"),
        AGE,
    ),
    row=row,
    prepare_create=prepare_create,
)
