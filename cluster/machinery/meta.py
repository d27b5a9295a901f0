"""Reading and writing `metadata` of plain-dict objects. Objects in a store are never changed in place."""

from typing import Any

Object = dict[str, Any]


def meta(obj: Object) -> dict[str, Any]:
    return obj.get("metadata") or {}


def name(obj: Object) -> str:
    return str(meta(obj).get("name", ""))


def namespace(obj: Object) -> str:
    return str(meta(obj).get("namespace", ""))


def uid(obj: Object) -> str:
    return str(meta(obj).get("uid", ""))


def labels(obj: Object) -> dict[str, str]:
    return meta(obj).get("labels") or {}


def annotations(obj: Object) -> dict[str, str]:
    return meta(obj).get("annotations") or {}


def is_deleting(obj: Object) -> bool:
    return bool(meta(obj).get("deletionTimestamp"))


def resource_version(obj: Object) -> str:
    return str(meta(obj).get("resourceVersion", ""))


def key(obj: Object) -> str:
    """Return `namespace/name`, or `name` where there is no namespace."""
    return f"{namespace(obj)}/{name(obj)}" if namespace(obj) else name(obj)


def controller_of(obj: Object) -> dict[str, Any] | None:
    """Return the owner reference with `controller: true`."""
    for owner in meta(obj).get("ownerReferences") or ():
        if owner.get("controller"):
            return dict(owner)
    return None


def with_meta(obj: Object, **changes: Any) -> Object:
    """Return a copy of `obj` whose metadata has `changes`; a change to None removes the field."""
    changed = {**meta(obj), **changes}
    return {**obj, "metadata": {field: value for field, value in changed.items() if value is not None}}


def annotations_of(obj: Object) -> dict[str, str]:
    """Return the annotations; `annotations` by a name that `from __future__ import annotations` does not hide."""
    return meta(obj).get("annotations") or {}
