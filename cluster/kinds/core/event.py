"""A note of one component about one object. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind, name_fields
from cluster.kinds.printing import since, wide
from cluster.kinds.validation.fields import Errors
from cluster.machinery.fielderrors import invalid_value
from cluster.machinery.meta import Object, name, namespace


def default(draft: Object) -> None:
    draft.setdefault("metadata", {})
    draft.setdefault("involvedObject", {})
    draft.setdefault("source", {})
    draft.setdefault("eventTime", None)
    draft.setdefault("firstTimestamp", None)
    draft.setdefault("lastTimestamp", None)
    for field in ("reportingComponent", "reportingInstance"):
        if draft.get(field) is None:
            draft[field] = ""


def fields(obj: Object) -> dict[str, str]:
    about, source = obj.get("involvedObject") or {}, obj.get("source") or {}
    names = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
    return {
        **name_fields(obj),
        **{f"involvedObject.{field}": about.get(field) or "" for field in names},
        "reason": obj.get("reason") or "",
        "reportingComponent": obj.get("reportingComponent") or "",
        "source": source.get("component") or obj.get("reportingComponent") or "",
        "type": obj.get("type") or "",
    }


def _source(obj: Object) -> str:
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent") or ""
    instance = source.get("host") or obj.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


def _about(obj: Object) -> str:
    about = obj.get("involvedObject") or {}
    kind = (about.get("kind") or "").lower()
    return f"{kind}/{about['name']}" if about.get("name") else kind


def row(obj: Object, now: float) -> Sequence[Any]:
    first = since(obj.get("firstTimestamp") or obj.get("eventTime"), now)
    last = since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else first
    count = obj.get("count") or 1
    series = obj.get("series")
    if series:
        last, count = since(series.get("lastObservedTime"), now), series.get("count") or 0
    return (
        last,
        obj.get("type") or "",
        obj.get("reason") or "",
        _about(obj),
        (obj.get("involvedObject") or {}).get("fieldPath") or "",
        _source(obj),
        (obj.get("message") or "").strip(),
        first,
        count,
        name(obj),
    )


COLUMNS = (
    Column("Last Seen", description="The time at which the most recent occurrence of this event was recorded."),
    Column("Type", about="type"),
    Column("Reason", about="reason"),
    Column("Object", about="involvedObject"),
    wide("Subobject", "involvedObject.fieldPath"),
    wide("Source", "source"),
    Column("Message", about="message"),
    wide("First Seen", "firstTimestamp"),
    wide("Count", "count"),
    Column("Name", format="name", priority=1, about="metadata.name"),
)


def validate(obj: Object) -> Errors:
    where, about = namespace(obj), (obj.get("involvedObject") or {}).get("namespace") or ""
    # Events about cluster-wide objects live in default or kube-system.
    if about == where or (not about and where in ("default", "kube-system")):
        return []
    return [invalid_value("involvedObject.namespace", about, "does not match event.namespace")]


KIND = Kind(
    group="",
    version="v1",
    kind="Event",
    plural="events",
    namespaced=True,
    short_names=("ev",),
    name_rule="path",
    columns=COLUMNS,
    row=row,
    default=default,
    fields=fields,
    validate=validate,
)
