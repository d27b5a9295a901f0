"""Everything that is no resource: discovery, version, health, OpenAPI and the list of paths at the root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cluster.apiserver import discovery, health
from cluster.apiserver.authn.audiences import issuer_of
from cluster.apiserver.encoding import dump
from cluster.apiserver.negotiation import JSON, PLAIN, YAML, Form, clauses
from cluster.apiserver.request import User, Verdict
from cluster.apiserver.wireforms import HttpRequest, HttpResponse
from cluster.machinery.errors import StatusError, not_acceptable

if TYPE_CHECKING:
    from cluster.apiserver.http import HttpApi

VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2026-07-01T00:00:00Z",
    "goVersion": "go1.26.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_DISCOVERY = "apidiscovery.k8s.io"


def answer(api: HttpApi, request: HttpRequest, user: User, verdicts: list[Verdict]) -> HttpResponse:
    """Answer a path that names no resource; `verdicts` takes what the authorisers say."""
    path = request.path.rstrip("/") or "/"
    verb = _VERBS.get(request.method, request.method.lower())
    api.server.authorizer.require_path(user, verb, request.path, verdicts)
    found = _ROUTES.get(path)
    if found is None:
        found = next((handler for prefix, handler in _PREFIXES if path.startswith(prefix)), None)
    if found is None:
        return page_not_found()
    if request.method not in ("GET", "HEAD"):
        raise StatusError(
            405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}
        )
    return found(api, request, path)


_VERBS = {"GET": "get", "HEAD": "head", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}


def page_not_found() -> HttpResponse:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
    return HttpResponse(404, headers, b"404 page not found\n")


def _answer(document: Any, form: Form = PLAIN, media: str = JSON) -> HttpResponse:
    headers = [("Content-Type", YAML if form.media == YAML else media), ("Cache-Control", "no-cache, private")]
    return HttpResponse(200, headers, dump(document, form))


def _paths(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    registry = api.server.registry
    found = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/apis/"]
    for group in registry.groups[1:] if registry.groups else ():
        found += [f"/apis/{group}", *(f"/apis/{group}/{version}" for version in registry.versions(group))]
    for endpoint in health.ENDPOINTS:
        found += [f"/{endpoint}", *(f"/{endpoint}/{check}" for check in health.checks(endpoint))]
    found += ["/metrics", "/metrics/slis", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", "/version"]
    found += ["/flagz", "/statusz"]
    return _answer({"paths": sorted(set(found))})


def _aggregated(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse | None:
    """Return the aggregated form when a clause of Accept asks for it before plain JSON."""
    for clause in clauses(request.header("accept")):
        kind, version = clause.parameters.get("as"), clause.parameters.get("v", "")
        if kind is None and clause.media in (JSON, "*/*", "application/*"):
            return None
        if kind == "APIGroupDiscoveryList" and clause.parameters.get("g") == _DISCOVERY and version == "v2":
            document = discovery.aggregated(api.server.registry, path == "/api", version)
            return _answer(document, media=f"{JSON};g={_DISCOVERY};v={version};as=APIGroupDiscoveryList")
    if "as=" in request.header("accept"):
        raise not_acceptable(
            "only the following media types are accepted: application/json, application/yaml, "
            "application/vnd.kubernetes.protobuf, application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        )
    return None


def _api(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    return _aggregated(api, request, path) or _answer(discovery.versions(), _form(request))


def _apis(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    return _aggregated(api, request, path) or _answer(discovery.group_list(api.server.registry), _form(request))


def _form(request: HttpRequest) -> Form:
    return Form(YAML) if request.header("accept").startswith(YAML) else PLAIN


def _resources(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    parts = path.split("/")[2:]
    name, version = ("", parts[0]) if path.startswith("/api/") else (parts[0], parts[1] if len(parts) > 1 else "")
    registry = api.server.registry
    if version:
        found = discovery.resource_list(registry, name, version)
    else:
        found = discovery.group(registry, name)
    return page_not_found() if found is None else _answer(found, _form(request))


def _version(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    return _answer(VERSION)


def _health(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    text = health.answer(path, "verbose" in request.parameters)
    if text is None:
        return page_not_found()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
    return HttpResponse(200, headers, text.encode())


def _openapi_v2(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    return api.openapi.v2(api.server.registry, request.header("accept"))


def _openapi_v3(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    found = api.openapi.v3(api.server.registry, path.removeprefix("/openapi/v3").strip("/"))
    return found if found is not None else page_not_found()


def _keys(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    return _answer(api.server.tokens.key_set(), media="application/jwk-set+json")


def _openid(api: HttpApi, request: HttpRequest, path: str) -> HttpResponse:
    issuer = issuer_of(api.server)
    return _answer(
        {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [api.server.tokens.algorithm],
        }
    )


Route = Callable[["HttpApi", HttpRequest, str], HttpResponse]

_ROUTES: Mapping[str, Route] = {
    "/": _paths,
    "/api": _api,
    "/apis": _apis,
    "/version": _version,
    "/openapi/v2": _openapi_v2,
    "/openapi/v3": _openapi_v3,
    "/.well-known/openid-configuration": _openid,
    "/openid/v1/jwks": _keys,
}
_PREFIXES: tuple[tuple[str, Route], ...] = (
    ("/api/", _resources),
    ("/apis/", _resources),
    ("/healthz", _health),
    ("/livez", _health),
    ("/readyz", _health),
    ("/openapi/v3/", _openapi_v3),
)
