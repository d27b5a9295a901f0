"""A lab's last requests: the list, and each one as a picture of the gates it came through, or as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from cluster.apiserver.gates import story, text
from cluster.apiserver.gates.outcome import refused_at, refusers
from cluster.apiserver.gates.record import Entry
from cluster.apiserver.gates.rings import COMPONENTS
from cluster.apiserver.gates.words import words
from cluster.machinery.clock import timestamp
from cluster.models import KeptRequest, Lab
from cluster.persistence.labs import touch
from cluster.persistence.requests import entry_of_row
from cluster.web.pages.gatepicture import pictures, spoken
from cluster.web.users import lab_or_404

PAGE = 60
FILTERS = ("who", "verb", "resource", "code", "refused", "components", "object", "revision")


@dataclass(frozen=True, slots=True)
class Row:
    """One request as a list shows it."""

    entry: Entry
    what: str
    client: str
    when: str
    gate: str

    @property
    def serial(self) -> int:
        return self.entry.serial


@require_GET
def show_list(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest requests first. A page that asks for what is new gets 204 when nothing is."""
    lab = lab_or_404(request, slug)
    fragment = bool(request.headers.get("HX-Request"))
    if fragment and request.GET.get("since") == str(lab.requests):
        return HttpResponse(status=204)
    if not fragment:
        touch(lab)
    return render(request, "requests/_list.html" if fragment else "requests/list.html", _listing(lab, request.GET))


def _listing(lab: Lab, asked: QueryDict) -> dict[str, Any]:
    chosen = {name: asked[name] for name in FILTERS if asked.get(name)}
    found = _filtered(KeptRequest.objects.filter(lab_id=lab.pk), chosen)
    if asked.get("before", "").isdigit():
        found = found.filter(serial__lt=int(asked["before"]))
    rows = [_row(entry_of_row(each)) for each in found.order_by("-serial")[: PAGE + 1]]
    older = urlencode({**chosen, "before": rows[PAGE - 1].serial}) if len(rows) > PAGE else ""
    kept = KeptRequest.objects.filter(lab_id=lab.pk)
    return {
        "lab": lab,
        "rows": rows[:PAGE],
        "older": older,
        "chosen": chosen,
        "newest": not asked.get("before"),
        "again": urlencode({**chosen, "since": lab.requests}),
        "people": kept.exclude(actor="").order_by("actor").values_list("actor", flat=True).distinct(),
        "verbs": kept.order_by("verb").values_list("verb", flat=True).distinct(),
        "resources": kept.exclude(resource="").order_by("resource").values_list("resource", flat=True).distinct(),
        "codes": kept.order_by("code").values_list("code", flat=True).distinct(),
    }


def _filtered(found: QuerySet[KeptRequest], chosen: Mapping[str, str]) -> QuerySet[KeptRequest]:
    for field, column in (("who", "actor"), ("verb", "verb"), ("resource", "resource")):
        if field in chosen:
            found = found.filter(**{column: chosen[field]})
    if chosen.get("code", "").isdigit():
        found = found.filter(code=int(chosen["code"]))
    if "refused" in chosen:
        found = found.filter(code__gte=400)
    if chosen.get("revision", "").isdigit():
        return found.filter(revision=int(chosen["revision"]))
    if "object" in chosen:
        resource, namespace, name = [*chosen["object"].split("/"), "", ""][:3]
        return found.filter(resource__in=(resource, f"{resource}/status"), namespace=namespace, name=name)
    return found if "components" in chosen else found.exclude(ring=COMPONENTS)


def _row(entry: Entry) -> Row:
    said = words(_language())
    stage = refused_at(entry)
    by = ", ".join(refusers(entry)) if stage not in ("", "authz") else ""
    gate = f"{said[stage]}{f' ({by})' if by else ''}" if stage else ""
    when = timestamp(entry.time)[11:19]
    return Row(entry, story.what(entry), story.client_of(entry, _language()), when, gate)


def _language() -> str:
    return get_language() or "en"


@require_GET
def show_request(request: HttpRequest, slug: str, serial: int) -> HttpResponse:
    """One request; in the lab page's drawer only the request itself."""
    lab = lab_or_404(request, slug)
    page = "requests/_request.html" if request.headers.get("HX-Request") else "requests/request.html"
    row = KeptRequest.objects.filter(lab_id=lab.pk, serial=serial).first()
    if row is None:
        return render(request, page, {"lab": lab, "serial": serial, "gone": True}, status=404)
    return render(request, page, _told(lab, entry_of_row(row)))


def _told(lab: Lab, entry: Entry) -> dict[str, Any]:
    language = _language()
    sections = story.sections(entry, language)
    return {
        "lab": lab,
        "entry": entry,
        "serial": entry.serial,
        "title": story.title(entry, language),
        "what": story.what(entry),
        "asker": story.short(entry.actor) or "?",
        "when": timestamp(entry.time),
        "head": story.head(entry, language),
        "sections": sections,
        "sent": story.sent(entry, language),
        "pictures": pictures(sections),
        "spoken": spoken(sections),
        "refused": entry.refused,
        "shut": next((one for one in sections if one.state == story.SHUT), None),
    }


@require_GET
def show_text(request: HttpRequest, slug: str, serial: int) -> HttpResponse:
    lab = lab_or_404(request, slug)
    row = KeptRequest.objects.filter(lab_id=lab.pk, serial=serial).first()
    if row is None:
        raise Http404("no such request")
    return HttpResponse(text.whole(entry_of_row(row), _language()), content_type="text/plain; charset=utf-8")
