"""The page "simulated, simplified, absent": what is as in a real cluster and what is not, generated from the code.

Searching and filtering are a form of the page itself, so it works without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from cluster.honesty.lines import STATES, Line, Section, Text
from cluster.honesty.report import report


@dataclass(frozen=True)
class Said:
    """A text in the reader's language, or in English and marked as such."""

    text: str
    language: str


def said(text: Text) -> Said:
    language = get_language() or "en"
    found = Said(text[language], language) if language in text else Said(text["en"], "en")
    return Said(found.text.replace("`", ""), found.language)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the lines that hold every word asked for, of the state and the section asked for."""
    words = request.GET.get("q", "").lower().split()
    state, chosen = request.GET.get("state", ""), request.GET.get("section", "")
    sections = [_shown(one, words, state) for one in report() if chosen in ("", one.key)]
    found = [one for one in sections if one["lines"]]
    return render(request, "labs/honesty.html", {
        "sections": found,
        "found": sum(len(one["lines"]) for one in found),
        "states": state_names(),
        "all_sections": [(one.key, said(one.title)) for one in report()],
        "q": request.GET.get("q", ""), "state": state, "section": chosen,
    })  # fmt: skip


def state_names() -> list[tuple[str, str]]:
    names = {"real": _("as the real one"), "simplified": _("simplified"), "absent": _("absent")}
    return [(state, names[state]) for state in STATES]


def _shown(section: Section, words: list[str], state: str) -> dict[str, object]:
    lines = [_line(one) for one in section.lines if state in ("", one.state) and _holds(one, words)]
    counts = [(key, name, sum(one.state == key for one in section.lines)) for key, name in state_names()]
    return {"key": section.key, "title": said(section.title), "lead": said(section.lead), "lines": lines,
            "counts": counts}  # fmt: skip


def _line(line: Line) -> dict[str, object]:
    return {"name": line.name, "state": line.state, "word": dict(state_names())[line.state],
            "how": [said(one) for one in line.how], "facts": line.facts}  # fmt: skip


def _holds(line: Line, words: list[str]) -> bool:
    whole = " ".join((line.name, *line.facts, *(text for one in line.how for text in one.values()))).lower()
    return all(word in whole for word in words)
