"""The proxy subresources of pods, services and nodes: where a request goes, and what comes back through it.

Names are `name`, `name:port` or `scheme:name:port`. A Service's port is looked up in its Endpoints and one of
those is asked, not the cluster IP; a node's is its kubelet. Locations and the links of HTML pages are rewritten
so that they lead through the proxy again. Follows k8s.io/apimachinery `util/proxy` and the kinds' ResourceLocation.
Left out: upgraded connections, and named ports of pods.
https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from cluster.apiserver import pagelinks
from cluster.apiserver.callout import NotHere
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.machinery.errors import StatusError, bad_request, not_found
from cluster.machinery.meta import Object
from cluster.workloads.process import WebReply, WebRequest

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

KUBELET = 10250
_SCHEMES = ("http", "https", "")
_PATH_LETTERS = "/:@!$&'()*+,;=~-._"
# What belongs to one connection, and who the client is, goes no further.
_OWN = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "authorization",
        "content-length",
    ]
)
_WORDS = {
    "refused": "dial tcp {where}: connect: connection refused",
    "unreachable": "dial tcp {where}: connect: no route to host",
    "timeout": "dial tcp {where}: i/o timeout",
    "tls": "http: server gave HTTP response to HTTPS client",
    "reset": "read tcp {where}: read: connection reset by peer",
    "empty": "EOF",
}


@dataclass(frozen=True, slots=True)
class Location:
    """Where a request goes; `kubelet` names the node whose kubelet answers."""

    scheme: str
    host: str
    port: int
    kubelet: str = ""

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"


def split(plural: str, identity: str) -> tuple[str, str, str]:
    """Return (scheme, name, port) of `[scheme:]name[:port]`, as a path of `plural` names its target."""
    parts = identity.split(":")
    scheme, name, port = parts if len(parts) == 3 else ("", parts[0], parts[1] if len(parts) == 2 else "")
    if len(parts) > 3 or not name or scheme not in _SCHEMES:
        raise bad_request(f'invalid {plural.removesuffix("s")} request "{identity}"')
    return scheme, name, port


def answer(server: ApiServer, asked: Connection, http: HttpRequest, outer: str = "") -> HttpResponse:
    """Answer a proxied request; `outer` is what stands before the API's own path in the client's URL."""
    if server.callout is None:
        raise NotHere
    whole = outer + http.path
    if not asked.path and http.method in ("GET", "HEAD"):
        query = f"?{http.query}" if http.query else ""
        return HttpResponse(301, [("Location", f"{whole}/{query}")])
    place = locate(server, asked)
    request = _request(http, place, asked.path, whole)
    if place.kubelet:
        reply = server.callout.kubelet(place.kubelet, request)
    else:
        reply = server.callout.fetch(request)
    if reply.error:
        why = _WORDS.get(reply.error, reply.error).format(where=place.netloc)
        raise StatusError(503, "ServiceUnavailable", f"error trying to reach service: {why}")
    return _passed_on(reply, place, whole.removesuffix(asked.path), http)


def _request(http: HttpRequest, place: Location, path: str, whole: str) -> WebRequest:
    kept = [(name, value) for name, value in http.headers if name.lower() not in _OWN and _is_passed(name)]
    kept += [("X-Forwarded-For", http.source or "127.0.0.1"), ("X-Forwarded-Uri", whole)]
    if http.body:
        kept.append(("Content-Length", str(len(http.body))))
    query = f"?{http.query}" if http.query else ""
    url = f"{place.scheme or 'http'}://{place.netloc}{quote(path or '/', safe=_PATH_LETTERS)}{query}"
    # The real proxy does not look at certificates either.
    return WebRequest(http.method, url, tuple(kept), http.body, timeout=30.0, insecure=True)


def _is_passed(name: str) -> bool:
    return not name.lower().startswith("impersonate-")


# -- where ---------------------------------------------------------------------------------------


def locate(server: ApiServer, asked: Connection) -> Location:
    """Return where a request goes; StatusError when that leads nowhere."""
    identity = asked.options.get("target", asked.name)
    scheme, name, port = split(asked.resource, identity)
    obj = server.store.get(asked.resource, asked.namespace, name)
    if obj is None:
        raise not_found(asked.resource, "", name)
    if asked.resource == "nodes":
        return _node(obj, scheme, port)
    return _pod(obj, scheme, port) if asked.resource == "pods" else _service(server, obj, scheme, port, identity)


def _pod(pod: Object, scheme: str, port: str) -> Location:
    address = (pod.get("status") or {}).get("podIP")
    if not address:
        raise bad_request("address not allowed")
    declared = [one["containerPort"] for each in pod["spec"]["containers"] for one in each.get("ports") or ()]
    usual = 443 if scheme == "https" else 80
    if port and not port.isdigit():
        text = f"error trying to reach service: dial tcp: lookup tcp/{port}: unknown port"
        raise StatusError(503, "ServiceUnavailable", text)
    return Location(scheme, str(address), int(port) if port else declared[0] if declared else usual)


def _node(node: Object, scheme: str, port: str) -> Location:
    addresses = (node.get("status") or {}).get("addresses") or ()
    address = next((one["address"] for one in addresses if one["type"] == "InternalIP"), "")
    if not address:
        raise bad_request("address not allowed")
    number = int(port) if port.isdigit() else KUBELET
    if number == KUBELET:
        return Location("https", address, KUBELET, node["metadata"]["name"])
    return Location(scheme, address, number)


def _service(server: ApiServer, service: Object, scheme: str, port: str, identity: str) -> Location:
    name, space = service["metadata"]["name"], service["metadata"]["namespace"]
    if port.isdigit():
        number = int(port)
        declared = next((one for one in service["spec"].get("ports") or () if one["port"] == number), None)
        if declared is None:
            raise _unavailable(f'no service port {number} found for service "{name}"')
        port = declared.get("name") or ""
    subsets = (server.store.get("endpoints", space, name) or {}).get("subsets") or ()
    found = [
        (one["ip"], each["port"])
        for subset in subsets
        for each in subset.get("ports") or ()
        if (each.get("name") or "") == port
        for one in subset.get("addresses") or ()
    ]
    if not found:
        raise _unavailable(f'no endpoints available for service "{identity if subsets else name}"')
    number = server.store.revision
    address, target = server.ids.choose(found, "proxied endpoint", space, name, number, server.clock.now())
    return Location(scheme, str(address), int(target))


def _unavailable(why: str) -> StatusError:
    return StatusError(503, "ServiceUnavailable", why)


# -- back ----------------------------------------------------------------------------------------


def _passed_on(reply: WebReply, place: Location, prefix: str, http: HttpRequest) -> HttpResponse:
    headers = [(name, value) for name, value in reply.headers if name.lower() not in _OWN]
    body = reply.body
    location = next((value for name, value in headers if name.lower() == "location"), "")
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")

    def through(url: str) -> str:
        return rewritten(url, place.netloc, http.header("host"), prefix)

    if location:
        headers = [(name, through(value) if name.lower() == "location" else value) for name, value in headers]
    elif kind.partition(";")[0].strip() == "text/html":
        body = pagelinks.rewrite(body, through)
    return HttpResponse(reply.status, headers, b"" if http.method == "HEAD" else body)


def rewritten(url: str, source: str, asked_host: str, prefix: str) -> str:
    """Return a URL of a proxied page so that it leads through the proxy: other hosts' and relative ones stay."""
    parts = urlsplit(url)
    if parts.netloc and parts.netloc not in (source, asked_host) or not parts.path.startswith("/"):
        return url
    path = parts.path
    if not path.startswith(prefix):
        path = posixpath.normpath(f"{prefix}/{path}") + ("/" if path.endswith("/") else "")
    return urlunsplit(("", "", path.replace("//", "/"), parts.query, parts.fragment))
