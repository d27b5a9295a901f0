"""--raw: a path asked as it stands, and the answer's body printed as it comes. Streams and connections are left out."""

from __future__ import annotations

import orjson

from cluster.apiserver.http import HttpApi
from cluster.apiserver.wireforms import HttpRequest, HttpResponse
from cluster.kubectl.command import Session
from cluster.machinery.errors import StatusError, bad_request, no_such_path

_HEADERS = (("accept", "application/json, */*"), ("user-agent", "kubectl/v1.36.2 (linux/amd64)"))


def print_raw(session: Session, path: str) -> int:
    """Answer GET `path`."""
    where, _, query = path.partition("?")
    server, user = session.client.server, session.client.user
    server.must_serve(user)
    api = HttpApi(server, lambda token: None)
    answer = api.handle(HttpRequest("GET", where, query, _HEADERS), user)
    if not isinstance(answer, HttpResponse):
        raise bad_request(f"{where} cannot be read at once")
    if answer.code >= 400:
        raise _failure(answer)
    session.out(answer.body.decode("utf-8", "replace"))
    return 0


def _failure(answer: HttpResponse) -> StatusError:
    try:
        status = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return no_such_path()
    details = status.get("details")
    return StatusError(answer.code, status.get("reason", ""), status.get("message", ""), details)
