"""A room of names. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, Subresource, name_fields, status_subresource
from cluster.kinds.printing import AGE, NAME, age
from cluster.kinds.validation.fields import Errors, finalizer_name
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.meta import Object, meta, name


def default(draft: Object) -> None:
    metadata = draft.setdefault("metadata", {})
    if metadata.get("name"):
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata["name"]
    if not (draft.get("status") or {}).get("phase"):
        draft["status"] = {**(draft.get("status") or {}), "phase": "Active"}
    draft.setdefault("spec", {})


def prepare_create(draft: Object) -> None:
    draft["status"] = {"phase": "Active"}
    finalizers = draft["spec"].setdefault("finalizers", [])
    if "kubernetes" not in finalizers:
        finalizers.append("kubernetes")


def prepare_update(draft: Object, old: Object) -> None:
    draft["spec"]["finalizers"] = (old.get("spec") or {}).get("finalizers") or []
    if not draft["spec"]["finalizers"]:
        del draft["spec"]["finalizers"]
    draft["status"] = old.get("status") or {}


def fields(obj: Object) -> dict[str, str]:
    phase = (obj.get("status") or {}).get("phase") or ""
    return {**name_fields(obj), "name": name(obj), "status.phase": phase}


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), (obj.get("status") or {}).get("phase") or "", age(obj, now)


def validate(obj: Object) -> Errors:
    errors: Errors = []
    for finalizer in (obj.get("spec") or {}).get("finalizers") or ():
        errors += finalizer_name("spec.finalizers", finalizer)
    return errors


def validate_finalize(new: Object, old: Object) -> Errors:
    """Check the finalizers that `namespaces/finalize` leaves."""
    errors: Errors = []
    for index, finalizer in enumerate((new.get("spec") or {}).get("finalizers") or ()):
        errors += finalizer_name(f"spec.finalizers[{index}]", finalizer)
    return errors


def validate_status(new: Object, old: Object) -> Errors:
    """Check that the phase tells whether the namespace is being deleted."""
    phase, deleting = (new.get("status") or {}).get("phase") or "", bool(meta(new).get("deletionTimestamp"))
    wanted, clause = ("Terminating", "is not empty") if deleting else ("Active", "is empty")
    text = f"may only be '{wanted}' if `deletionTimestamp` {clause}"
    return [] if phase == wanted else [invalid_value("status.Phase", phase, text)]


KIND = Kind(
    group="",
    version="v1",
    kind="Namespace",
    plural="namespaces",
    namespaced=False,
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("finalize", "Namespace", ("update",)),
        status_subresource("Namespace"),
    ),
    has_status=True,
    name_rule="label",
    columns=(NAME, Column("Status", description="The status of the namespace"), AGE),
    row=row,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    metadata_checks=2,
    validate=validate,
    validate_subresource={"finalize": validate_finalize},
    validate_status=validate_status,
    fields=fields,
)
