"""The lab page and what hangs on it as pages of their own: the outline, the kubeconfig."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, pgettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from cluster.persistence.labs import touch
from cluster.topology.outline import outline
from cluster.topology.project import project
from cluster.topology.views import VIEWS
from cluster.web.address import kubeconfig
from cluster.web.pages.access import store_of
from cluster.web.pages.starters import STARTERS
from cluster.web.pages.words import captions, words
from cluster.web.users import lab_or_404


def view_names() -> list[tuple[str, str]]:
    """Return the views of the glass with their names in the reader's language."""
    names = {
        "machine": pgettext("view of the cluster", "Machines"),
        "ownership": pgettext("view of the cluster", "Ownership"),
        "traffic": pgettext("view of the cluster", "Traffic"),
        "storage": pgettext("view of the cluster", "Storage"),
        "config": pgettext("view of the cluster", "Config"),
        "security": pgettext("view of the cluster", "Security"),
    }
    return [(view, names[view]) for view in VIEWS]


@require_GET
@ensure_csrf_cookie
def show(request: HttpRequest, slug: str) -> HttpResponse:
    lab = lab_or_404(request, slug)
    touch(lab)
    context = {
        "lab": lab,
        "views": view_names(),
        "words": words(),
        "captions": captions(),
        "starters": STARTERS,
        "has_lesson": _has_lesson(lab),
        "shortcuts": shortcuts(),
    }
    return render(request, "labs/lab.html", context)


def _has_lesson(lab: object) -> bool:
    """Say whether a lesson runs in this lab, which is the course's to know; without a course there is none."""
    return hasattr(lab, "attempt")


def shortcuts() -> list[tuple[str, str]]:
    return [
        ("Ctrl K", _("Command palette: any object, any action")),
        ("T", _("Go to the terminal")),
        ("E", _("Go to the editor")),
        ("G", _("Go to the picture; arrow keys walk, Enter opens")),
        ("P", _("Stop time, or let it run")),
        ("N", _("Jump to the next event")),
        ("F", _("Fit the picture")),
        ("R", _("Show the requests")),
        ("1 … 6", _("Choose a view")),
        ("Ctrl Enter", _("Apply the manifest in the editor")),
        ("Shift Esc", _("Leave the terminal")),
        ("Esc", _("Leave the editor, close the drawer")),
        ("?", _("This sheet")),
    ]


@require_GET
def show_outline(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture as a tree of text; inside the lab page only the tree."""
    lab = lab_or_404(request, slug)
    view = request.GET.get("view", "machine")
    tree = outline(project(store_of(lab), view if view in VIEWS else "machine"))
    page = "labs/_outline.html" if request.headers.get("HX-Request") else "labs/outline.html"
    return render(request, page, {"lab": lab, "tree": tree, "views": view_names(), "view": view})


@require_GET
def download_kubeconfig(request: HttpRequest, slug: str) -> HttpResponse:
    lab = lab_or_404(request, slug)
    text = kubeconfig(lab, request.get_host().rpartition(":")[0] or request.get_host())
    answer = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="kubarium-{lab.name}.yaml"'
    answer["Cache-Control"] = "no-store"
    return answer
