"""Owner references: who controls an object, and the reference a controller writes into its children."""

from __future__ import annotations

from typing import Any

from cluster.machinery.meta import Object, meta, name, uid


def owner_references(obj: Object) -> list[dict[str, Any]]:
    return meta(obj).get("ownerReferences") or []


def controller_of(obj: Object) -> dict[str, Any] | None:
    """Return the one owner reference with `controller: true`."""
    for reference in owner_references(obj):
        if reference.get("controller"):
            return reference
    return None


def is_controlled_by(obj: Object, owner: Object) -> bool:
    reference = controller_of(obj)
    return reference is not None and reference["uid"] == uid(owner)


def controller_reference(owner: Object, api_version: str, kind: str) -> dict[str, Any]:
    """Return what `metav1.NewControllerRef` makes."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name(owner),
        "uid": uid(owner),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def owner_key(obj: Object, kind: str) -> str | None:
    """Return `namespace/name` of the controlling owner when it is of this kind."""
    reference = controller_of(obj)
    if reference is None or reference["kind"] != kind:
        return None
    return f"{meta(obj).get('namespace', '')}/{reference['name']}"
