"""Who looks: a visitor is a signed cookie, a lab is open to its owner or to whoever holds its token.

Everybody else gets 404, never 403: a lab's existence is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hmac import compare_digest

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse

from cluster.models import Lab, Visitor
from cluster.models.visitor import new_visitor_id

COOKIE = "kubarium_visitor"
YEAR = 365 * 24 * 3600
_SALT = "kubarium.visitor"
_GRANT_SALT = "kubarium.grant"


def visitor_id(cookies: Mapping[str, str]) -> str:
    """Return the visitor a request's cookies name, '' when they name none."""
    return _unsign(cookies.get(COOKIE, ""), _SALT)


def _unsign(text: str, salt: str) -> str:
    try:
        return signing.Signer(salt=salt).unsign(text)
    except signing.BadSignature:
        return ""


def become(response: HttpResponse, visitor: str, secure: bool = False) -> None:
    """Let the browser be this visitor from now on."""
    value = signing.Signer(salt=_SALT).sign(visitor)
    response.set_cookie(COOKIE, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)


class VisitorMiddleware:
    """Gives every request a `visitor_id`; the Visitor row is made when something is kept for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = visitor_id(request.COOKIES)
        request.visitor_id = known or new_visitor_id()  # type: ignore[attr-defined]
        response = self.get_response(request)
        if not known and COOKIE not in response.cookies:
            become(response, request.visitor_id, request.is_secure())  # type: ignore[attr-defined]
        return response


def visitor_of(request: HttpRequest) -> Visitor:
    """Return the request's visitor, stored."""
    return Visitor.objects.get_or_create(id=request.visitor_id)[0]  # type: ignore[attr-defined]


def lab_or_404(request: HttpRequest, slug: str) -> Lab:
    """Return the lab if this request may see it; Http404 otherwise, whatever the reason."""
    lab = open_lab(slug, request.visitor_id, request.COOKIES)  # type: ignore[attr-defined]
    if lab is None:
        raise Http404("no such lab")
    return lab


def open_lab(slug: str, visitor: str, cookies: Mapping[str, str]) -> Lab | None:
    """Return the lab when `visitor` owns it or the cookies carry a grant made from its token."""
    lab = Lab.objects.filter(slug=slug).first()
    if lab is None:
        return None
    owned = bool(visitor) and lab.owner_id == visitor
    return lab if owned or holds_grant(lab, cookies) else None


def grant_cookie(lab: Lab) -> str:
    return f"kubarium_lab_{lab.slug}"


def grant(response: HttpResponse, lab: Lab, token: str, secure: bool = False) -> bool:
    """Open `lab` to this browser if `token` is the lab's; say whether it was."""
    if not compare_digest(token.encode(), lab.token.encode()):
        return False
    value = signing.Signer(salt=_GRANT_SALT).sign(token)
    response.set_cookie(grant_cookie(lab), value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return True


def holds_grant(lab: Lab, cookies: Mapping[str, str]) -> bool:
    token = _unsign(cookies.get(grant_cookie(lab), ""), _GRANT_SALT)
    return bool(token) and compare_digest(token.encode(), lab.token.encode())
