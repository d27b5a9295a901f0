"""HTTP → API server and back, without a server: every URL a client may ask, answered as values.

`HttpApi.handle` returns an `HttpResponse`, a `Watch` to be polled, or a `Connection` that the shell
carries on itself (exec, attach, port-forward, proxy, logs that follow).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cluster.apiserver import connecting, decoding, negotiation, nonresource, paths
from cluster.apiserver.asking import Asking
from cluster.apiserver.authn.authenticate import Authentication
from cluster.apiserver.authz.chain import Denied
from cluster.apiserver.encoding import ObjectTexts, dump, joined, shaped, without_type
from cluster.apiserver.negotiation import PLAIN, Form
from cluster.apiserver.openapi.documents import OpenApi
from cluster.apiserver.options import request_of
from cluster.apiserver.paths import ResourcePath
from cluster.apiserver.ports import Containers
from cluster.apiserver.request import ANONYMOUS, Request, Result, User
from cluster.apiserver.server import ApiServer
from cluster.apiserver.watch import Watch
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.kinds.kind import Kind
from cluster.kinds.registry import REGISTRY
from cluster.machinery.errors import StatusError, bad_request, no_such_path
from cluster.machinery.meta import Object
from cluster.store.interface import TextStore

Answer = HttpResponse | Watch | Connection

_VERBS: Mapping[str, tuple[str, str]] = {  # method -> (verb on a named object, verb on a collection)
    "GET": ("get", "list"),
    "HEAD": ("get", "list"),
    "POST": ("create", "create"),
    "PUT": ("update", ""),
    "PATCH": ("patch", ""),
    "DELETE": ("delete", "deletecollection"),
}


class HttpApi:
    """The HTTP face of one API server. `texts` and `openapi` may be shared by all labs of a process."""

    def __init__(
        self,
        server: ApiServer,
        authenticate: Callable[[str], User | None],
        *,
        containers: Containers | None = None,
        texts: ObjectTexts | None = None,
        openapi: OpenApi | None = None,
    ):
        self.server = server
        self.authentication = Authentication(server, authenticate)
        self.containers = containers
        self.texts = texts or ObjectTexts()
        self.openapi = openapi or OpenApi()

    def handle(self, request: HttpRequest, user: User | None = None) -> Answer:
        """Answer a request; `user` is who a client certificate or a session says it is."""
        asking = Asking(request)
        try:
            answer = self._answer_to(request, user, asking)
        except StatusError as error:
            return self._failed(request, asking, error)
        except RecursionError:
            return self._failed(request, asking, bad_request("json: exceeded max depth"))
        if self.server.witnesses:
            asking.tell(self.server, answer.code if isinstance(answer, HttpResponse) else 200)
        return answer

    def _failed(self, request: HttpRequest, asking: Asking, error: StatusError) -> HttpResponse:
        if self.server.witnesses:
            asking.tell(self.server, error.code, error)
        return failure(error, _form(request))

    def _answer_to(self, request: HttpRequest, user: User | None, asking: Asking) -> Answer:
        self.server.must_serve(user or ANONYMOUS)
        who = asking.user = self.authentication.identity(request, user, asking.verdicts)
        who = asking.speak_for(self.authentication.spoken_for(request, who))
        place = paths.parse(request.path)
        if place is None:
            return nonresource.answer(self, request, who, asking.verdicts)
        return self._resource(request, who, place, asking)

    def _resource(self, request: HttpRequest, user: User, place: ResourcePath, asking: Asking) -> Answer:
        registry = self.server.registry
        kind = registry.find(place.group, place.version, place.resource)
        if kind is None:
            known = place.version in registry.versions(place.group) if place.group in registry.groups else False
            self.server.authorizer.require(asking.about(_asked(request, user, place)))
            if not known:
                return nonresource.page_not_found()
            raise no_such_path()
        asked = asking.about(request_of(request, user, place, _verb(request, kind, place)))
        if place.subresource in connecting.SUBRESOURCES:
            carried: Answer = connecting.connect(self, request, asked, place, kind)
            return carried
        if asked.verb == "watch":
            return self._watch(request, kind, asked)
        form = negotiation.choose(request.header("accept"))
        decoding.read_body(kind, asked, request)
        quick = self._stored_list(kind, asked, form)
        if quick is not None:
            return quick
        result = self.server.handle(asked)
        return self._answer(kind, asked, request, result, form)

    def _watch(self, request: HttpRequest, kind: Kind, asked: Request) -> Watch:
        form = negotiation.choose(request.header("accept"), stream=True)
        self.server.authorizer.require(asked)
        if "watch" not in kind.verbs:
            raise _not_allowed()
        include = request.parameter("includeObject")
        return Watch(self.server, kind, asked, form, self.texts, include)

    def _stored_list(self, kind: Kind, asked: Request, form: Form) -> HttpResponse | None:
        """Join stored JSON texts when nothing has to be looked at."""
        store = self.server.store
        plain = asked.verb == "list" and form == PLAIN and not asked.pretty and kind.stored
        narrowed = asked.label_selector or asked.field_selector or asked.limit or asked.continue_token
        if not isinstance(store, TextStore) or not plain or narrowed or asked.resource_version not in ("", "0"):
            return None
        if kind.convert or kind.resource == "componentstatuses" or asked.resource_version_match:
            return None
        self.server.authorizer.require(asked)
        revision = self.server.store.revision
        found = store.list_text(kind.key, asked.namespace if kind.namespaced else "")
        return HttpResponse(200, _headers(form), joined(kind, found, revision))

    def _answer(self, kind: Kind, asked: Request, request: HttpRequest, result: Result, form: Form) -> HttpResponse:
        now = self.server.clock.now()
        shown = _body_kind(self.server, kind, result.object)
        body = shaped(shown, result.object, form, now, request.parameter("includeObject"))
        if "items" in result.object and not form.kind and REGISTRY.by_resource(kind.group, kind.plural) is not None:
            body = {**body, "items": [without_type(kind, item) for item in body["items"]]}
        headers = _headers(form) + [("Warning", _warning(text)) for text in result.warnings]
        return HttpResponse(result.code, headers, dump(body, form, asked.pretty))


def _body_kind(server: ApiServer, kind: Kind, answer: Object) -> Kind:
    """A subresource answers another kind than its parent's (Scale): its table has no columns of its own."""
    said = answer.get("kind", "")
    if said in (kind.kind, f"{kind.kind}List", "Status"):
        return kind
    return Kind("", "v1", said, kind.plural, kind.namespaced)


def _form(request: HttpRequest) -> Form:
    try:
        chosen = negotiation.choose(request.header("accept"))
    except StatusError:
        return PLAIN
    return Form(chosen.media)


def _headers(form: Form) -> list[tuple[str, str]]:
    return [("Content-Type", form.media), ("Cache-Control", "no-cache, private")]


def _warning(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'299 - "{escaped}"'


def failure(error: StatusError, form: Form = PLAIN) -> HttpResponse:
    """Return an error as the Status object it is."""
    headers = _headers(form)
    if isinstance(error, Denied):
        headers.append(("X-Content-Type-Options", "nosniff"))
    seconds = error.details.get("retryAfterSeconds")
    if seconds:
        headers.append(("Retry-After", str(seconds)))
    return HttpResponse(error.code, headers, dump(error.status(), form))


def _not_allowed() -> StatusError:
    return StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def _asked(request: HttpRequest, user: User, place: ResourcePath) -> Request:
    named, collection = _VERBS.get(request.method, ("get", "list"))
    return Request(
        named if place.name else collection or "get",
        user,
        group=place.group,
        version=place.version,
        resource=place.resource,
        subresource=place.subresource,
        namespace=place.namespace,
        name=place.name,
        method=request.method,
        uri=request.uri,
        source=request.source,
        user_agent=request.header("user-agent"),
    )


def _verb(request: HttpRequest, kind: Kind, place: ResourcePath) -> str:
    named, collection = _VERBS.get(request.method, ("", ""))
    if named in ("get", "list") and (place.watch or request.flag("watch")) and not place.subresource:
        return "watch"
    if request.method == "POST" and place.name and not place.subresource:
        raise _not_allowed()
    verb = named if place.name else collection
    if not verb or (verb == "create" and kind.namespaced and not place.namespace and kind.stored):
        raise _not_allowed()
    return verb
