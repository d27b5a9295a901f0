"""Ways in: the operator's one-time link that `manage.py lab` prints, and a lab's token as a link."""

from __future__ import annotations

import secrets
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from cluster.models import Lab, Visitor
from cluster.models.visitor import LOCAL
from cluster.web.users import become, grant


def _link_file() -> Path:
    return Path(settings.DATA) / "operator.link"


def new_operator_link() -> str:
    """Draw the path that makes one browser the operator of this machine."""
    word = secrets.token_urlsafe(18)
    _link_file().write_text(word)
    _link_file().chmod(0o600)
    return f"/enter/{word}/"


def enter(request: HttpRequest, word: str) -> HttpResponse:
    """Spend the operator's link."""
    path = _link_file()
    if not path.exists() or not compare_digest(path.read_text().encode(), word.encode()):
        raise Http404("this link has been used")
    path.unlink()
    Visitor.objects.get_or_create(id=LOCAL)
    response = HttpResponseRedirect("/")
    become(response, LOCAL, request.is_secure())
    return response


def enter_lab(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Open one lab by its token."""
    lab = Lab.objects.filter(slug=slug).first()
    response = HttpResponseRedirect(f"/labs/{slug}/")
    if lab is None or not grant(response, lab, token, request.is_secure()):
        raise Http404("no such lab")
    return response
