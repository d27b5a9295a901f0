"""The home page with its map of the knowledge graph, and the way into a lesson."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from cluster.models import Lab
from cluster.web.users import visitor_of
from lessons.catalog.loader import lesson as find_lesson
from lessons.progress import attempts
from lessons.web.islands import islands_of, next_lesson


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    language = get_language() or "en"
    visitor = request.visitor_id  # type: ignore[attr-defined]
    passed = attempts.passed_steps(visitor)
    context = {
        "islands": islands_of(passed, language),
        "next_lesson": next_lesson(passed, language),
        "labs": Lab.objects.filter(owner_id=visitor).order_by("-made")[:12],
    }
    return render(request, "lessons/home.html", context)


@require_POST
def start(request: HttpRequest, track: str, slug: str) -> HttpResponse:
    """Open the lesson: in the lab where it was left, or in a new one (`again`)."""
    try:
        lesson = find_lesson(f"{track}/{slug}")
    except KeyError as error:
        raise Http404("no such lesson") from error
    visitor = visitor_of(request)
    attempt = None if request.POST.get("again") else attempts.running(visitor, lesson)
    attempt = attempt or attempts.start(visitor, lesson)
    return HttpResponseRedirect(f"/labs/{attempt.lab.slug}/")
