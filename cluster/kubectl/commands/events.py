"""kubectl events."""

from __future__ import annotations

from cluster.kubectl import resources, tabwriter
from cluster.kubectl.command import Command, Session
from cluster.kubectl.describe.events import interval
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.kubectl.flagsets import ALL_NAMESPACES, CHUNK, OUTPUT
from cluster.kubectl.manifests import Info
from cluster.kubectl.printers import structured
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object


def run(session: Session) -> int | None:
    for kind in session.flags["types"]:
        if kind.lower() not in ("normal", "warning"):
            raise CommandError("valid --types are Normal or Warning")
    found = _events(session)
    printer = structured.printer(session)
    if printer is not None:
        session.out(printer({"apiVersion": "v1", "items": found, "kind": "List", "metadata": {"resourceVersion": ""}}))
        return 0
    if not found and not session.flags["watch"]:
        where = "" if session.flags["all-namespaces"] else f" in {session.namespace} namespace"
        session.err(f"No events found{where}.\n")
        return 0
    rows = [] if session.flags["no-headers"] else [_head(session)]
    session.out(tabwriter.table([*rows, *(_row(session, event) for event in found)]))
    if not session.flags["watch"]:
        return 0
    session.state["resume"] = True
    session.state["seen"] = [event["metadata"]["resourceVersion"] for event in found]
    session.wait()
    return None


def resume(session: Session) -> int | None:
    seen = session.state["seen"]
    fresh = [event for event in _events(session) if event["metadata"]["resourceVersion"] not in seen]
    session.state["seen"] = [*seen, *(event["metadata"]["resourceVersion"] for event in fresh)]
    session.out(tabwriter.table([_row(session, event) for event in fresh]))
    session.wait()
    return None


def _events(session: Session) -> list[Object]:
    flags = session.flags
    fields = []
    if flags["for"]:
        fields = _about(session, flags["for"])
    where = "" if flags["all-namespaces"] else session.namespace
    found: list[Object] = session.client.list("events", where, field_selector=",".join(fields))["items"]
    types = [kind.lower() for kind in flags["types"]]
    if types:
        found = [event for event in found if str(event.get("type", "")).lower() in types]
    return sorted(found, key=_when)


def _about(session: Session, text: str) -> list[str]:
    kind, slash, name = text.partition("/")
    if not slash:
        raise CommandError("--for must be in resource/name form")
    try:
        mapping = session.discovery.resource(kind)
    except CommandError as problem:
        raise CommandError(problem.message + "\n", bare=True) from None
    found = [f"involvedObject.kind={mapping.kind.kind}", f"involvedObject.name={name}"]
    try:
        live = resources.get(session, Info(mapping, session.namespace if mapping.namespaced else "", name))
        return [*found, f"involvedObject.uid={live['metadata']['uid']}"] if mapping.kind.kind != "Node" else found
    except StatusError:
        return found


def _when(event: Object) -> float:
    series = event.get("series") or {}
    stamp = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return parse_timestamp(stamp) if stamp else 0.0


def _head(session: Session) -> list[str]:
    lead = ["NAMESPACE"] if session.flags["all-namespaces"] else []
    return [*lead, "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]


def _row(session: Session, event: Object) -> list[str]:
    about = event.get("involvedObject") or {}
    lead = [event["metadata"].get("namespace", "")] if session.flags["all-namespaces"] else []
    return [*lead, interval(event, session.now()), event.get("type", ""), event.get("reason", ""),
            f"{about.get('kind', '')}/{about.get('name', '')}", str(event.get("message", "")).strip()]


COMMAND = Command(
    name="events", short="List events", run=run, resume=resume,
    usage="events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|"
          "jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
    long="Display events.\n\n Prints a table of the most important information about events. You can request events "
         "for a "
         "namespace, for all namespace, or filtered to only those pertaining to a specified resource.",
    examples="# What happened here\nkubectl events\n\n# To one pod, only warnings\nkubectl events --for=pod/web "
             "--types=Warning",
    flags=(*OUTPUT, ALL_NAMESPACES, CHUNK,
           Flag("for", help="Filter events to only those pertaining to the specified resource."),
           Flag("no-headers", "bool", False, "When using the default output format, don't print headers."),
           Flag("types", "strings", (), "Output only events of given types."),
           Flag("watch", "bool", False, "After listing the requested events, watch for more events.", "w")))
