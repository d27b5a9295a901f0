"""The API over the lab's own network: what pods, nodes and terminals get that speak HTTP to the API server's port.

Left out: streams. A watch answers what is there at once and ends; logs that follow and connections are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from cluster.apiserver import proxying
from cluster.apiserver.http import Answer, HttpApi, failure
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import StatusError, bad_request
from cluster.workloads.process import WebReply, WebRequest

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer


def answer(server: ApiServer, request: WebRequest) -> WebReply:
    """Answer one request; its credentials are those of its headers."""
    where = urlsplit(request.url)
    asked = HttpRequest(
        request.method, unquote(where.path) or "/", where.query, request.headers, request.body, request.client
    )
    try:
        found = _whole(server, HttpApi(server, lambda token: None).handle(asked), asked)
    except StatusError as error:
        found = failure(error)
    length = ("Content-Length", str(len(found.body)))
    return WebReply(found.code, (*found.headers, length), found.body)


def _whole(server: ApiServer, found: Answer, asked: HttpRequest) -> HttpResponse:
    if isinstance(found, Watch):
        return HttpResponse(200, list(found.headers), b"".join(found.poll()))
    if isinstance(found, Connection):
        if found.kind == "proxy":
            return proxying.answer(server, found, asked)
        raise bad_request("Upgrade request required")
    return found
