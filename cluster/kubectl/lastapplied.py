"""The annotation client-side apply keeps: the last manifest it was given, as one line of JSON."""

from __future__ import annotations

import json
from typing import Any

from cluster.kubectl.printers.structured import compact_json
from cluster.machinery.meta import Object, annotations as annotations_of

ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def encoded(obj: Object) -> str:
    """Return the manifest as it stands in the annotation: without the annotation itself, ending in a newline."""
    kept = {key: value for key, value in annotations_of(obj).items() if key != ANNOTATION}
    meta = {**(obj.get("metadata") or {}), "annotations": kept}
    return compact_json({**obj, "metadata": meta}) + "\n"


def with_last_applied(obj: Object) -> Object:
    """Return the manifest with itself in the annotation."""
    text = encoded(obj)
    meta = dict(obj.get("metadata") or {})
    meta["annotations"] = {**(meta.get("annotations") or {}), ANNOTATION: text}
    changed = type(obj)({**obj, "metadata": meta})
    return changed


def last_applied(obj: Object) -> dict[str, Any] | None:
    """Return the manifest in the annotation; None without one."""
    text = annotations_of(obj).get(ANNOTATION)
    if not text:
        return None
    data = json.loads(text)
    return data if isinstance(data, dict) else None
