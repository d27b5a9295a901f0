"""A piece of storage in the cluster. https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.core.storagerules import update_volume, validate_volume, volume_warnings
from cluster.kinds.kind import Column, Kind, name_fields, status_subresource
from cluster.kinds.podspec.volumedefaults import default_source
from cluster.kinds.printing import AGE, NAME, UNSET, access_modes, age, wide
from cluster.machinery.meta import Object, is_deleting, meta, name

_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    if not spec.get("persistentVolumeReclaimPolicy"):
        spec["persistentVolumeReclaimPolicy"] = "Retain"
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    default_source(spec)
    status = draft.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"


def prepare_create(draft: Object) -> None:
    draft["status"] = {"phase": "Pending"}


def finish_create(draft: Object) -> None:
    draft["status"]["lastPhaseTransitionTime"] = meta(draft).get("creationTimestamp")


def storage_class(obj: Object) -> str:
    """Return the class, by the old annotation or by the field."""
    old = (meta(obj).get("annotations") or {}).get(_OLD_CLASS)
    return str(old or (obj.get("spec") or {}).get("storageClassName") or "")


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "name": name(obj)}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    claim = spec.get("claimRef")
    return (
        name(obj),
        (spec.get("capacity") or {}).get("storage", "0"),
        access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy") or "",
        "Terminating" if is_deleting(obj) else status.get("phase") or "",
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        storage_class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason") or "",
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    )


KIND = Kind(
    group="",
    version="v1",
    kind="PersistentVolume",
    plural="persistentvolumes",
    namespaced=False,
    short_names=("pv",),
    subresources=(status_subresource("PersistentVolume"),),
    has_status=True,
    columns=(
        NAME,
        Column("Capacity", about="spec.capacity"),
        Column("Access Modes", about="spec.accessModes"),
        Column("Reclaim Policy", about="spec.persistentVolumeReclaimPolicy"),
        Column("Status", about="status.phase"),
        Column("Claim", about="spec.claimRef"),
        Column("StorageClass", description="StorageClass of the pv"),
        Column("VolumeAttributesClass", description="VolumeAttributesClass of the pv"),
        Column("Reason", about="status.reason"),
        AGE,
        wide("VolumeMode", "spec.volumeMode"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    finish_create=finish_create,
    fields=fields,
    judged_twice=True,
    metadata_checks=2,
    validate=validate_volume,
    validate_update=update_volume,
    warnings=volume_warnings,
)
