"""The lesson beside its lab: the present step, its check list, hints, solution and questions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from cluster.web.users import lab_or_404
from lessons.catalog.lesson import Quiz
from lessons.models import Answer, Attempt
from lessons.progress import attempts
from lessons.web.shape import panel_of


def _attempt(request: HttpRequest, slug: str) -> Attempt:
    lab = lab_or_404(request, slug)
    attempt = Attempt.objects.select_related("lab").filter(lab=lab).first()
    if attempt is None:
        raise Http404("this lab has no lesson")
    return attempt


def _panel(request: HttpRequest, attempt: Attempt, **more: Any) -> HttpResponse:
    return render(request, "lessons/_panel.html", {**context(attempt), **more})


def context(attempt: Attempt) -> dict[str, Any]:
    """Return what the panel's template needs, in the present language."""
    answers = Answer.objects.filter(visitor=attempt.lab.owner, lesson=attempt.lesson)
    passed = attempts.passed_steps(attempt.lab.owner_id).get(attempt.lesson, set())
    panel = panel_of(attempts.lesson_of(attempt), attempt, list(answers), passed, get_language() or "en")
    return {"panel": panel, "lab": attempt.lab}


@require_GET
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _panel(request, _attempt(request, slug))


@require_POST
def hint(request: HttpRequest, slug: str) -> HttpResponse:
    attempt = _attempt(request, slug)
    attempts.open_hint(attempt, attempts.lesson_of(attempt).step(attempt.step))
    return _panel(request, attempt)


@require_POST
def solution(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the solution, line by line, each with a button that types it into the terminal."""
    return _panel(request, _attempt(request, slug), solution_open=True)


@require_POST
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    attempt = _attempt(request, slug)
    quiz = _quiz(attempt, request.POST.get("quiz", ""))
    option = request.POST.get("option", "")
    if option in quiz.options:
        attempts.answer(attempt, quiz, option)
    return _panel(request, attempt)


def _quiz(attempt: Attempt, quiz_id: str) -> Quiz:
    step = attempts.lesson_of(attempt).step(attempt.step)
    for quiz in step.quizzes:
        if quiz.id == quiz_id:
            return quiz
    raise Http404("no such question")


@require_POST
def go(request: HttpRequest, slug: str) -> HttpResponse:
    attempt = _attempt(request, slug)
    try:
        attempts.go_to(attempt, request.POST.get("step", ""))
    except KeyError as error:
        raise Http404("no such step") from error
    return _panel(request, attempt)
