"""The API server's own calls into the lab: JSON over HTTPS to webhooks, answered by processes in containers.

Stands for client-go's REST client with the webhook package's dialer: a Service is resolved to its cluster IP
(to one of its endpoints with `--enable-aggregator-routing`), the certificate is checked against the CA bundle,
and what fails is told in Go's words. A call takes no virtual time; how long the server took only counts against
the timeout. Left out: client certificates, HTTP/2, connection reuse, proxies.
https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from cluster.apiserver import servercert
from cluster.machinery import goduration
from cluster.machinery.meta import Object
from cluster.workloads.process import WebReply, WebRequest

if TYPE_CHECKING:
    from cluster.apiserver.server import ApiServer

SLICES, SERVICE_LABEL = "endpointslices.discovery.k8s.io", "kubernetes.io/service-name"
NODE_DNS = "172.18.0.1:53"


class NotHere(Exception):
    """This server has no way into the lab: whoever runs its containers must answer the whole request."""


class CallFailed(Exception):
    """A call that got no usable answer; the text is client-go's."""


class NoAddress(Exception):
    """A Service that leads nowhere; the text is the resolver's."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call. `service` is (namespace, name) where the host stands for one; `roots` is PEM of trusted CAs."""

    host: str
    port: int = 443
    path: str = ""
    scheme: str = "https"
    service: tuple[str, str] | None = None
    roots: str = ""
    insecure: bool = False
    server_name: str = ""
    shows_port: bool = True

    @classmethod
    def of_service(cls, namespace: str, name: str, port: int, path: str, roots: str) -> Target:
        return cls(f"{name}.{namespace}.svc", port, path, service=(namespace, name), roots=roots)

    @classmethod
    def of_url(cls, url: str, roots: str, *, insecure: bool = False, server_name: str = "") -> Target:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return cls(
            parts.hostname or "", port, parts.path, parts.scheme, None, roots, insecure, server_name, bool(parts.port)
        )

    def url(self, timeout: float) -> str:
        """Return the URL as errors show it."""
        path = "/" + self.path.lstrip("/")
        netloc = f"{self.host}:{self.port}" if self.shows_port else self.host
        return f"{self.scheme}://{netloc}{path}?timeout={goduration.text(timeout)}"


def post(server: ApiServer, target: Target, body: Mapping[str, Any], timeout: float) -> Any:
    """Send `body` and return the JSON of the answer; CallFailed when there is none."""
    if server.callout is None:
        raise NotHere
    url = target.url(timeout)
    try:
        address, port = _dialled(server, target)
        reply = server.callout.fetch(_request(target, url, f"{address}:{port}", orjson.dumps(body), timeout))
        why = _transport_failure(server, target, reply, port)
    except NoAddress as nowhere:
        why, reply = str(nowhere), WebReply()
    if why:
        raise CallFailed(f'Post "{url}": {why}')
    return _decoded(reply)


def _request(target: Target, url: str, dialled: str, body: bytes, timeout: float) -> WebRequest:
    parts = urlsplit(url)
    headers = (
        ("Host", parts.netloc),
        ("User-Agent", "kube-apiserver-admission"),
        ("Accept", "application/json, */*"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    )
    real = f"{target.scheme}://{dialled}{parts.path}?{parts.query}"
    return WebRequest("POST", real, headers, body, timeout=timeout, insecure=target.insecure)


# -- resolving -----------------------------------------------------------------------------------


def _dialled(server: ApiServer, target: Target) -> tuple[str, int]:
    if target.service is None:
        return target.host, target.port
    namespace, name = target.service
    service = server.store.get("services", namespace, name)
    if service is None:
        raise NoAddress(f'service "{name}" not found')
    spec = service["spec"]
    if spec.get("type") == "ExternalName":
        return spec["externalName"], target.port
    port = next((one for one in spec.get("ports") or () if one["port"] == target.port), None)
    if port is None:
        raise NoAddress(f'no service port {target.port} found for service "{name}"')
    if spec.get("clusterIP") == "None" or server.launch.is_on("enable-aggregator-routing"):
        return _endpoint(server, namespace, name, port.get("name") or "")
    return spec["clusterIP"], target.port


def _endpoint(server: ApiServer, namespace: str, name: str, port: str) -> tuple[str, int]:
    """Return the first ready endpoint: the real resolver takes any."""
    found: list[tuple[str, int]] = []
    for each in server.store.list(SLICES, namespace):
        if (each["metadata"].get("labels") or {}).get(SERVICE_LABEL) == name:
            number = next((one["port"] for one in each.get("ports") or () if (one.get("name") or "") == port), None)
            found += [(address, number) for address in _ready(each) if number]
    if not found:
        raise NoAddress(f'no endpoints available for service "{name}"')
    return min(found)


def _ready(each: Object) -> list[str]:
    ready = [one for one in each.get("endpoints") or () if (one.get("conditions") or {}).get("ready", True)]
    return [address for one in ready for address in one.get("addresses") or ()]


# -- what fails ----------------------------------------------------------------------------------


def _transport_failure(server: ApiServer, target: Target, reply: WebReply, port: int) -> str:
    where = reply.address if target.service is None else ""
    host = target.host
    words = {
        "": "",
        "timeout": "context deadline exceeded",
        "nxdomain": f"dial tcp: lookup {host} on {NODE_DNS}: no such host",
        "tls": "http: server gave HTTP response to HTTPS client",
        "reset": "read: connection reset by peer",
    }
    if reply.error in ("refused", "unreachable"):
        address = where or _service_address(server, target, port)
        why = "connection refused" if reply.error == "refused" else "no route to host"
        return f"dial tcp {address}: connect: {why}"
    why = words.get(reply.error, "EOF")
    if why or target.scheme != "https" or target.insecure:
        return why
    name = target.server_name or host
    return servercert.refusal(reply.certificate, target.roots, name, server.clock.now())


def _service_address(server: ApiServer, target: Target, port: int) -> str:
    address, _ = _dialled(server, target)
    return f"{address}:{port}"


def _decoded(reply: WebReply) -> Any:
    if not 200 <= reply.status <= 206:
        raise CallFailed(_server_error(reply))
    if not reply.body:
        kind = next((value for name, value in reply.headers if name.lower() == "content-type"), "")
        raise CallFailed(f"0-length response with status code: {reply.status} and content type: {kind}")
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        first = reply.body.decode("utf-8", "replace").lstrip()[:1]
        why = f"invalid character '{first}' looking for beginning of value"
        if first in ("{", "[", '"', ""):
            why = "unexpected end of JSON input"
        raise CallFailed(f"couldn't get version/kind; json parse error: {why}") from None


_REFUSALS: Mapping[int, str] = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
    409: "the server reported a conflict",
    413: "the server responded with the status code 413 but did not return more information",
    422: "the server rejected our request due to an error in our request",
    429: "the server has received too many requests and has asked us to try again later",
    503: "the server is currently unable to handle the request",
    504: "the server was unable to return a response in the time allotted, but may still be processing the request",
}


def _server_error(reply: WebReply) -> str:
    """Return what client-go makes of an HTTP error that is no Status."""
    said = reply.body.decode("utf-8", "replace").strip() or "unknown"
    status = _status_message(reply.body)
    if status:
        return status
    if reply.status == 403:
        return said
    if reply.status in _REFUSALS:
        return _REFUSALS[reply.status]
    if reply.status >= 500:
        shown = orjson.dumps(said).decode()
        return f"an error on the server ({shown}) has prevented the request from succeeding"
    return f"the server responded with the status code {reply.status} but did not return more information"


def _status_message(body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    is_status = isinstance(found, dict) and found.get("kind") == "Status"
    return str(found.get("message") or "") if is_status else ""
