"""Tables: what `kubectl get` prints, as the server makes it. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Kind
from cluster.kinds.printing import described, name_and_age
from cluster.machinery.meta import Object

_META = "meta.k8s.io/v1"
_DONE = {
    "Succeeded": {"reason": "Succeeded", "message": "The pod has completed successfully."},
    "Failed": {"reason": "Failed", "message": "The pod failed."},
}


def _definitions(kind: Kind) -> Sequence[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        }
        for column in described(kind)
    ]


def table(kind: Kind, answer: Object, now: float, include: str, version: str) -> Object:
    """Return an object or a list as a Table. `include` is Metadata (also when unsaid), Object or None."""
    is_list = "items" in answer and answer.get("kind", "").endswith("List")
    items = answer["items"] if is_list else [answer]
    metadata = answer.get("metadata") or {}
    kept = ("resourceVersion", "continue", "remainingItemCount", "selfLink")
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version or 'v1'}",
        "metadata": {field: metadata[field] for field in kept if field in metadata},
        "columnDefinitions": _definitions(kind),
        "rows": [_row(kind, obj, now, include) for obj in items],
    }


def _row(kind: Kind, obj: Object, now: float, include: str) -> Object:
    cells = list((kind.row or name_and_age)(obj, now))
    row: Object = {"cells": cells}
    done = _DONE.get((obj.get("status") or {}).get("phase", "")) if kind.resource == "pods" else None
    if done:
        row["conditions"] = [{"type": "Completed", "status": "True", **done}]
    row["object"] = _included(obj, include)
    return row


def _included(obj: Object, include: str) -> Object | None:
    if include == "None":
        return None
    return obj if include == "Object" else partial(obj)


def partial(obj: Object) -> Object:
    """Return nothing but the metadata of an object."""
    return {"kind": "PartialObjectMetadata", "apiVersion": _META, "metadata": obj.get("metadata") or {}}


def partial_list(answer: Object) -> Object:
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": _META,
        "metadata": answer.get("metadata") or {},
        "items": [partial(obj) for obj in answer["items"]],
    }
