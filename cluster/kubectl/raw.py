"""--raw: a path asked as it stands, answered by the API server's own HTTP side, proxied pods and nodes included."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import orjson

from cluster.apiserver import proxying
from cluster.apiserver.client import Client
from cluster.apiserver.http import HttpApi, failure
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.kubectl.command import Session
from cluster.machinery.errors import StatusError, bad_request

Headers = Sequence[tuple[str, str]]
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST = 10  # redirects a client follows


def print_raw(session: Session, path: str) -> int:
    """Answer GET `path`."""
    session.client.server.must_serve(session.client.user)
    answer = _asked(session, path)
    for _ in range(_MOST):
        location = next((value for name, value in answer.headers if name == "Location"), "")
        if answer.code not in _REDIRECTS or not location.startswith("/"):
            break
        answer = _asked(session, location)
    if answer.code >= 400:
        raise _failure(answer)
    session.out(answer.body.decode("utf-8", "replace"))
    return 0


def _asked(session: Session, path: str) -> HttpResponse:
    return ask(session.client, "GET", path, (("Accept", "application/json"), ("User-Agent", "kubectl")), b"")


def ask(client: Client, method: str, path: str, headers: Headers, body: bytes) -> HttpResponse:
    """Answer an HTTP request of whom `client` speaks for; errors are answers too."""
    before, _, query = path.partition("?")
    request = HttpRequest(method, unquote(before), query, list(headers), body)
    try:
        found = HttpApi(client.server, lambda token: None).handle(request, client.user)
        if isinstance(found, Connection) and found.kind == "proxy":
            return proxying.answer(client.server, found, request)
    except StatusError as error:
        return failure(error)
    if isinstance(found, Connection | Watch):
        return failure(bad_request("this path is no plain request"))
    return found


def _failure(answer: HttpResponse) -> StatusError:
    """Return the Status an answer is, or what client-go makes of one that is none."""
    try:
        status = orjson.loads(answer.body)
        return StatusError(answer.code, status["reason"], status["message"], status.get("details"))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        reason = {404: "NotFound", 403: "Forbidden", 503: "ServiceUnavailable"}.get(answer.code, "InternalError")
        text = "the server could not find the requested resource"
        if answer.code != 404:
            shown = orjson.dumps(answer.body.decode("utf-8", "replace").strip() or "unknown").decode()
            text = f"an error on the server ({shown}) has prevented the request from succeeding"
        return StatusError(answer.code, reason, text, {})
