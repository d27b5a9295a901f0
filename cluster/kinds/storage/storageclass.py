"""A kind of storage on offer. https://kubernetes.io/docs/concepts/storage/storage-classes/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age, name_or_default
from cluster.kinds.validation.fields import Errors, immutable, one_of, qualified
from cluster.machinery.fielderrors import duplicate, forbidden_field, required
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


_FIXED = ("provisioner", "reclaimPolicy", "volumeBindingMode")


def validate(obj: Object) -> Errors:
    provisioner = obj.get("provisioner") or ""
    errors = qualified("provisioner", provisioner.lower()) if provisioner else [required("provisioner")]
    for key in obj.get("parameters") or ():
        if not key:
            errors.append(required("parameters", "parameter key cannot be empty."))
    if obj.get("reclaimPolicy"):
        errors += one_of("reclaimPolicy", obj["reclaimPolicy"], ("Delete", "Retain"))
    mode = obj.get("volumeBindingMode")
    errors += one_of("volumeBindingMode", mode, ("Immediate", "WaitForFirstConsumer"))
    for index, term in enumerate(obj.get("allowedTopologies") or ()):
        errors += _topology(f"allowedTopologies[{index}].matchLabelExpressions", term)
    return errors


def _topology(path: str, term: Object) -> Errors:
    errors: Errors = []
    keys: set[str] = set()
    for index, expression in enumerate(term.get("matchLabelExpressions") or ()):
        here, key, values = f"{path}[{index}]", expression.get("key") or "", expression.get("values") or []
        errors += [] if values else [required(f"{here}.values")]
        for place, value in enumerate(values):
            errors += [duplicate(f"{here}.values[{place}]", value)] if value in values[:place] else []
        errors += qualified(f"{here}.key", key)
        errors += [duplicate(f"{here}.key", key)] if key in keys else []
        keys.add(key)
    return errors


def validate_update(new: Object, old: Object) -> Errors:
    errors = validate(new)
    if (new.get("parameters") or {}) != (old.get("parameters") or {}):
        errors.append(forbidden_field("parameters", "updates to parameters are forbidden."))
    for field in _FIXED:
        errors += immutable(field, new.get(field), old.get(field))
    return errors


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
    metadata_checks=2,
    validate=validate,
    validate_update=validate_update,
)
