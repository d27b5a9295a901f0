"""The drawer: one object as summary, events, logs, YAML and history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cluster.apiserver.client import Client
from cluster.kinds.kind import Kind
from cluster.machinery import goyaml
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, labels, meta, name, namespace
from cluster.models import Lab, Revision
from cluster.topology.faces import face, machine
from cluster.topology.graph import node_id
from cluster.topology.relations import RELATIONS, Naming, owner_id
from cluster.web.pages.access import client_of
from cluster.web.partials.description import description
from cluster.web.users import lab_or_404

HISTORY = 40


@dataclass(frozen=True)
class Subject:
    """What the drawer shows."""

    lab: Lab
    client: Client
    kind: Kind
    object: Object


@require_GET
def show(request: HttpRequest, slug: str, resource: str, where: str, named: str) -> HttpResponse:
    lab = lab_or_404(request, slug)
    tab = request.GET.get("tab", "summary")
    subject = _subject(lab, resource, "" if where == "-" else where, named)
    page = "labs/_object.html" if request.headers.get("HX-Request") else "labs/object.html"
    if subject is None:
        return render(request, page, {"lab": lab, "name": named, "resource": resource, "gone": True}, status=404)
    tab = tab if tab in TABS else "summary"
    context = {"lab": lab, "tabs": _tabs(subject), "tab": tab, **_head(subject), **TABS[tab](subject)}
    return render(request, page, context)


def _subject(lab: Lab, resource: str, where: str, named: str) -> Subject | None:
    client = client_of(lab)
    plural, _, group = resource.partition(".")
    kind = client.server.registry.by_resource(group, plural)
    if kind is None:
        raise Http404("no such resource")
    try:
        return Subject(lab, client, kind, client.get(resource, named, where))
    except StatusError:
        return None


def _tabs(subject: Subject) -> list[tuple[str, str]]:
    names = {
        "summary": _("Summary"),
        "events": _("Events"),
        "logs": _("Logs"),
        "describe": _("Describe"),
        "yaml": "YAML",
        "history": _("History"),
    }
    return [(tab, names[tab]) for tab in TABS if tab != "logs" or subject.kind.kind == "Pod"]


def _head(subject: Subject) -> dict[str, Any]:
    kind, obj = subject.kind, subject.object
    shown = machine(obj) if kind.kind == "Node" else face(kind.key, obj)
    flag = f" -n {namespace(obj)}" if namespace(obj) else ""
    return {
        "kind": kind,
        "object": obj,
        "name": name(obj),
        "namespace": namespace(obj),
        "face": shown,
        "resource": kind.key,
        "where": namespace(obj) or "-",
        "id": node_id(kind.key, namespace(obj), name(obj)),
        "command": f"kubectl get {kind.singular_name} {name(obj)}{flag} -o yaml",
    }


def _summary(subject: Subject) -> dict[str, Any]:
    obj = subject.object
    return {
        "facts": _facts(subject),
        "labels": sorted(labels(obj).items()),
        "conditions": obj.get("status", {}).get("conditions") or [],
        "containers": _containers(obj) if subject.kind.kind == "Pod" else [],
        "relations": _relations(subject),
    }


def _facts(subject: Subject) -> list[tuple[str, str]]:
    """Return the printer's columns with their values: what `kubectl get -o wide` says."""
    kind, obj = subject.kind, subject.object
    if kind.row is None:
        return [(_("Created"), str(meta(obj).get("creationTimestamp", "")))]
    cells = kind.row(obj, subject.client.server.clock.now())
    shown = zip(kind.columns, cells, strict=False)
    return [(column.name, str(cell)) for column, cell in shown if column.name != "Name" and cell not in (None, "")]


def _containers(pod: Object) -> list[Mapping[str, Any]]:
    statuses = {each.get("name"): each for each in pod.get("status", {}).get("containerStatuses") or ()}
    return [
        {"spec": each, "status": statuses.get(each.get("name"), {}), "state": _state(statuses.get(each.get("name")))}
        for each in pod.get("spec", {}).get("containers") or ()
    ]


def _state(status: Mapping[str, Any] | None) -> str:
    for state, detail in ((status or {}).get("state") or {}).items():
        return f"{state}: {detail['reason']}" if detail.get("reason") else str(state)
    return ""


def _relations(subject: Subject) -> list[tuple[str, str, str]]:
    """Return (relation, resource/namespace/name, name) of what the object itself names."""
    found = [("owner", owner_id(subject.object))] if owner_id(subject.object) else []
    for relation in RELATIONS:
        if isinstance(relation, Naming) and not relation.inward and subject.kind.key in relation.source:
            found += [(relation.kind, target) for target in relation.names(subject.object)]
    return [(kind, target, target.rpartition("/")[2]) for kind, target in dict.fromkeys(found)]


def _events(subject: Subject) -> dict[str, Any]:
    chosen = f"involvedObject.name={name(subject.object)},involvedObject.kind={subject.kind.kind}"
    where = namespace(subject.object) or "default"
    found = subject.client.list("events", where, field_selector=chosen).get("items") or []
    return {"events": sorted(found, key=lambda event: int(meta(event).get("resourceVersion") or 0), reverse=True)}


def _logs(subject: Subject) -> dict[str, Any]:
    obj = subject.object
    base = f"/labs/{subject.lab.slug}/api/v1/namespaces/{namespace(obj)}/pods/{name(obj)}/log"
    names = [each.get("name") for each in obj.get("spec", {}).get("containers") or ()]
    return {"logs": [(each, f"{base}?container={each}&tailLines=200") for each in names]}


def _describe(subject: Subject) -> dict[str, Any]:
    return {"description": description(subject.client, subject.kind.resource, subject.object)}


def _yaml(subject: Subject) -> dict[str, Any]:
    shown = {"apiVersion": subject.kind.api_version, "kind": subject.kind.kind, **subject.object}
    kept = {key: value for key, value in meta(shown).items() if key != "managedFields"}
    return {"yaml": goyaml.dump({**shown, "metadata": kept})}


def _history(subject: Subject) -> dict[str, Any]:
    rows = Revision.objects.filter(
        lab=subject.lab, resource=subject.kind.key, namespace=namespace(subject.object), name=name(subject.object)
    )
    return {"revisions": rows.order_by("-number").values("number", "verb", "actor", "cause")[:HISTORY]}


TABS: Mapping[str, Callable[[Subject], dict[str, Any]]] = {
    "summary": _summary,
    "events": _events,
    "logs": _logs,
    "describe": _describe,
    "yaml": _yaml,
    "history": _history,
}
