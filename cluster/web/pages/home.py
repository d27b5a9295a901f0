"""The way in: a visitor's labs, a free lab in one click."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from cluster.models import Lab, Visitor
from cluster.persistence import labs
from cluster.web.users import visitor_of


@require_POST
def create_lab(request: HttpRequest) -> HttpResponse:
    """Make a free lab for this visitor and go there."""
    owner = visitor_of(request)
    lab = labs.create(owner, request.POST.get("name", "").strip() or _free_name(owner))
    return HttpResponseRedirect(f"/labs/{lab.slug}/")


def _free_name(owner: Visitor) -> str:
    taken = set(Lab.objects.filter(owner=owner).values_list("name", flat=True))
    return next(name for number in range(1, len(taken) + 2) if (name := f"lab-{number}") not in taken)


@require_POST
def delete_lab(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete one of the visitor's own labs; a guest cannot."""
    lab = get_object_or_404(Lab, slug=slug, owner_id=request.visitor_id)  # type: ignore[attr-defined]
    labs.delete(lab)
    return HttpResponseRedirect("/")
