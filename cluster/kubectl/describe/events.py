"""The Events part of a description."""

from __future__ import annotations

from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.describe.page import Page
from cluster.machinery import goduration
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, name, namespace, uid


def of(session: Session, obj: Object) -> list[Object]:
    """Return the Events about an object, oldest first."""
    fields = {"involvedObject.name": name(obj), "involvedObject.namespace": namespace(obj) or "",
              "involvedObject.kind": obj.get("kind", ""), "involvedObject.uid": uid(obj)}
    asked = ",".join(f"{key}={value}" for key, value in sorted(fields.items()) if value)
    try:
        found: list[Object] = session.client.list("events", namespace(obj), field_selector=asked)["items"]
    except StatusError:
        return []
    return sorted(found, key=_when)


def _when(event: Object) -> float:
    stamp = event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp")
    return parse_timestamp(stamp) if stamp else 0.0


def write(page: Page, session: Session, obj: Object) -> None:
    """Write the events, unless --show-events=false."""
    if not session.flags.get("show-events", True):
        return
    found = of(session, obj)
    if not found:
        page.line("Events:\t<none>")
        return
    page.flush()
    page.line("Events:")
    page.line("Type\tReason\tAge\tFrom\tMessage", 1)
    page.line("----\t------\t----\t----\t-------", 1)
    for event in found:
        source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
        page.line(f"{event.get('type', '')}\t{event.get('reason', '')}\t{interval(event, page.now)}\t{source}\t"
                  f"{str(event.get('message', '')).strip()}", 1)


def interval(event: Object, now: float) -> str:
    """Return `5s` or `5s (x7 over 91s)`."""
    first = _age(event.get("firstTimestamp") or event.get("eventTime"), now)
    series: dict[str, Any] | None = event.get("series")
    if series:
        return f"{_age(series.get('lastObservedTime'), now)} (x{series.get('count', 0)} over {first})"
    count = event.get("count") or 1
    if count > 1:
        return f"{_age(event.get('lastTimestamp'), now)} (x{count} over {first})"
    return first


def _age(moment: str | None, now: float) -> str:
    return goduration.human(now - parse_timestamp(moment)) if moment else "<unknown>"
