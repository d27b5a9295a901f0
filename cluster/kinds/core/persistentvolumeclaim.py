"""A request for storage. https://kubernetes.io/docs/concepts/storage/persistent-volumes/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.core.storagerules import class_warnings, update_claim, validate_claim
from cluster.kinds.kind import Column, Kind, name_fields, status_subresource
from cluster.kinds.podspec.volumedefaults import default_claim_spec
from cluster.kinds.printing import AGE, NAME, UNSET, access_modes, age, wide
from cluster.machinery.meta import Object, is_deleting, meta, name

_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


def default(draft: Object) -> None:
    spec = draft.setdefault("spec", {})
    default_claim_spec(spec)
    _mirror_source(spec)
    status = draft.setdefault("status", {})
    if not status.get("phase"):
        status["phase"] = "Pending"


def _mirror_source(spec: dict[str, Any]) -> None:
    """Keep `dataSource` and `dataSourceRef` equal, as the strategy does."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source and not reference.get("namespace"):
        spec["dataSource"] = dict(reference)


def prepare_create(draft: Object) -> None:
    draft["status"] = {"phase": "Pending"}


def storage_class(obj: Object) -> str:
    """Return the class, by the old annotation or by the field."""
    old = (meta(obj).get("annotations") or {}).get(_OLD_CLASS)
    return str(old or (obj.get("spec") or {}).get("storageClassName") or "")


def fields(obj: Object) -> dict[str, str]:
    return {**name_fields(obj), "name": name(obj)}


def row(obj: Object, now: float) -> Sequence[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    volume = spec.get("volumeName") or ""
    return (
        name(obj),
        "Terminating" if is_deleting(obj) else status.get("phase") or "",
        volume,
        (status.get("capacity") or {}).get("storage", "0") if volume else "",
        access_modes(status.get("accessModes")) if volume else "",
        storage_class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    )


KIND = Kind(
    group="",
    version="v1",
    kind="PersistentVolumeClaim",
    plural="persistentvolumeclaims",
    namespaced=True,
    short_names=("pvc",),
    subresources=(status_subresource("PersistentVolumeClaim"),),
    has_status=True,
    columns=(
        NAME,
        Column("Status", about="status.phase"),
        Column("Volume", about="spec.volumeName"),
        Column("Capacity", about="status.capacity"),
        Column("Access Modes", about="status.accessModes"),
        Column("StorageClass", description="StorageClass of the pvc"),
        Column("VolumeAttributesClass", description="VolumeAttributesClass of the pvc"),
        AGE,
        wide("VolumeMode", "spec.volumeMode"),
    ),
    row=row,
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    judged_twice=True,
    metadata_checks=3,
    validate=validate_claim,
    validate_update=update_claim,
    warnings=class_warnings,
)
