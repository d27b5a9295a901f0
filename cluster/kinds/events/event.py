"""A note of one component about one object. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/"""

from __future__ import annotations

from cluster.kinds.core.event import COLUMNS, default, row
from cluster.kinds.kind import Kind, name_fields
from cluster.machinery.meta import Object

# This API's names of the stored event's fields.
_RENAMED = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_BACK = {stored: served for served, stored in _RENAMED.items()}


def to_stored(obj: Object) -> Object:
    renamed = {_RENAMED.get(field, field): value for field, value in obj.items()}
    return {**renamed, "apiVersion": "v1"}


def from_stored(obj: Object) -> Object:
    renamed = {_BACK.get(field, field): value for field, value in obj.items() if value != "" or field == "reason"}
    return {**renamed, "apiVersion": "events.k8s.io/v1"}


def fields(stored: Object) -> dict[str, str]:
    about, source = stored.get("involvedObject") or {}, stored.get("source") or {}
    names = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
    return {
        **name_fields(stored),
        **{f"regarding.{field}": about.get(field) or "" for field in names},
        "reason": stored.get("reason") or "",
        "reportingController": stored.get("reportingComponent") or source.get("component") or "",
        "type": stored.get("type") or "",
    }


KIND = Kind(
    group="events.k8s.io",
    version="v1",
    kind="Event",
    plural="events",
    namespaced=True,
    short_names=("ev",),
    storage="events",
    name_rule="path",
    columns=COLUMNS,
    row=row,
    default=default,
    fields=fields,
    convert={"v1": (to_stored, from_stored)},
)
