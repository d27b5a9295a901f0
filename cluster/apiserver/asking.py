"""What is known so far of a request that came by the wire, so that its end can be told whatever it was.

Most requests end in `ApiServer.handle`, which tells the witnesses itself; this is for all others: refused at the
first gate, no resource at all, a watch, a connection, a list of stored texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cluster.apiserver.paths import parse
from cluster.apiserver.request import Request, User, Verdict
from cluster.apiserver.wireforms import HttpRequest
from cluster.machinery.errors import StatusError

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

NOBODY = User("", ())
_VERBS = {"GET": "get", "HEAD": "head", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}

_OF_RESOURCES = {  # method -> verb on a named object, verb on a collection
    "GET": ("get", "list"),
    "POST": ("create", "create"),
    "PUT": ("update", "update"),
    "DELETE": ("delete", "deletecollection"),
}


class Asking:
    """One request on its way in; `request` is set when it is decoded, `user` when the first gate knows."""

    __slots__ = ("_http", "impersonator", "request", "user", "verdicts")

    def __init__(self, http: HttpRequest):
        self._http = http
        self.user = NOBODY
        self.impersonator: User | None = None
        self.request: Request | None = None
        self.verdicts: list[Verdict] = []

    def speak_for(self, user: User) -> User:
        """Note whom the request is answered as; whoever really asks is its impersonator."""
        if user is not self.user:
            self.impersonator, self.user = self.user, user
        return user

    def about(self, request: Request) -> Request:
        """Note what is asked, as decoded; it takes along what is known so far."""
        request.verdicts, request.impersonator = self.verdicts, self.impersonator
        self.request = request
        return request

    def tell(self, server: ApiServer, code: int, error: StatusError | None = None) -> None:
        """Tell the witnesses how it ended, unless they know."""
        request = self.request or self._undecoded()
        if not request.told:
            server.tell(request, code, error=error)

    def _undecoded(self) -> Request:
        http = self._http
        request = Request(_VERBS.get(http.method, http.method.lower()), self.user, verdicts=self.verdicts)
        request.impersonator = self.impersonator
        request.method, request.uri, request.source = http.method, http.uri, http.source
        request.user_agent = http.header("user-agent")
        place = parse(http.path)
        if place is not None:
            request.group, request.version = place.group, place.version
            request.resource, request.subresource = place.resource, place.subresource
            request.namespace, request.name = place.namespace, place.name
            named, collection = _OF_RESOURCES.get(http.method, (request.verb, request.verb))
            request.verb = named if place.name else collection
        return request
