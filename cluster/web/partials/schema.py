"""What the editor asks: which kinds there are, and one kind's schema."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from cluster.kinds.registry import REGISTRY
from cluster.web.pages.access import client_of
from cluster.web.partials.schema_tree import compact
from cluster.web.users import lab_or_404


@require_GET
def kinds(request: HttpRequest, slug: str) -> HttpResponse:
    """Return every kind that can be written, custom ones included."""
    served = client_of(lab_or_404(request, slug)).server.registry
    listed = [
        {"apiVersion": f"{kind.group}/{version}" if kind.group else version, "kind": kind.kind}
        for kind in served
        for version in (kind.version, *kind.other_versions)
        if kind.stored
    ]
    return JsonResponse({"kinds": listed})


@require_GET
@cache_control(private=True, max_age=3600)
def schema(request: HttpRequest, slug: str, group: str, version: str, kind: str) -> HttpResponse:
    lab_or_404(request, slug)
    wanted = "" if group == "core" else group
    found = compact(wanted, version, kind) if REGISTRY.by_kind(wanted, kind) else None
    if found is None:
        raise Http404("no schema")
    return JsonResponse(found)
