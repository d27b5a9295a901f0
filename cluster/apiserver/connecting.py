"""Requests that reach into a pod: log, exec, attach, portforward, proxy. Checked here, carried on by the shell.

Follows pkg/registry/core/pod/rest and strategy.go: which container is meant, and what is wrong with the question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cluster.apiserver import proxying, read
from cluster.apiserver.attributes import CONNECT
from cluster.apiserver.paths import ResourcePath
from cluster.apiserver.request import Request
from cluster.apiserver.wireforms import Connection, HttpRequest, HttpResponse
from cluster.kinds.kind import Kind
from cluster.machinery.errors import StatusError, bad_request, invalid
from cluster.machinery.fielderrors import FieldError, invalid_value, required
from cluster.machinery.meta import Object

if TYPE_CHECKING:
    from cluster.apiserver.http import HttpApi

SUBRESOURCES = frozenset({"log", "exec", "attach", "portforward", "proxy"})
_OPTIONS = {"exec": "Exec", "attach": "Attach", "portforward": "PortForward", "proxy": "Proxy"}
_FLAGS = ("stdin", "stdout", "stderr", "tty")
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def connect(api: HttpApi, http: HttpRequest, request: Request, place: ResourcePath, kind: Kind) -> Any:
    """Return a finished log, or the connection the shell is to carry on."""
    if not any(sub.name == request.subresource for sub in kind.subresources):
        raise StatusError(404, "NotFound", "the server could not find the requested resource", {})
    api.server.authorizer.require(request)
    if request.subresource == "log" and http.method not in ("GET", "HEAD"):
        text = "the server does not allow this method on the requested resource"
        raise StatusError(405, "MethodNotAllowed", text, {})
    if request.subresource == "proxy":
        request.name = proxying.split(kind.plural, request.name)[1]
    target = read.current(api.server, kind, request)
    if request.subresource != "log":
        _admit(api, http, request, place, kind)
    if request.subresource == "proxy" or kind.resource != "pods":
        return _proxy(http, request, place, kind)
    return _HANDLERS[request.subresource](api, http, request, target)


def _admit(api: HttpApi, http: HttpRequest, request: Request, place: ResourcePath, kind: Kind) -> None:
    """Take the connection through admission, as an object of its options."""
    options: Object = {"kind": f"{kind.kind}{_OPTIONS[request.subresource]}Options", "apiVersion": "v1"}
    if request.subresource == "proxy":
        options["path"] = "/" + place.rest
    for name in _FLAGS if request.subresource in ("exec", "attach") else ():
        if http.flag(name):
            options[name] = True
    for name in ("container", "command", "ports"):
        values = http.parameters.get(name)
        if values:
            options[name] = values[0] if name == "container" else list(values)
    attributes = api.server.attributes(kind, request, CONNECT, draft=options, name=request.name)
    api.server.admission.admit(attributes)
    api.server.admission.judge(attributes)


def container_of(pod: Object, asked: str) -> str:
    """Return the container a request means; 400 when it must say which, or names none of the pod's."""
    spec, name = pod["spec"], pod["metadata"]["name"]
    names = [item["name"] for item in spec.get("containers") or ()]
    inits = [item["name"] for item in spec.get("initContainers") or ()]
    debug = [item["name"] for item in spec.get("ephemeralContainers") or ()]
    if asked:
        if asked not in (*names, *inits, *debug):
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    wished = (pod["metadata"].get("annotations") or {}).get(_DEFAULT_CONTAINER)
    if wished in names:
        return str(wished)
    if len(names) == 1:
        return str(names[0])
    text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]"
    if inits:
        text += f" or one of the init containers: [{' '.join(inits)}]"
    raise bad_request(text)


def _options(http: HttpRequest) -> dict[str, str]:
    return {key: values[0] for key, values in http.parameters.items()}


def _log(api: HttpApi, http: HttpRequest, request: Request, pod: Object) -> Any:
    options = _options(http)
    _check_log(options)
    container = container_of(pod, options.get("container", ""))
    options["container"] = container
    if api.containers is None or http.flag("follow"):
        return Connection("log", request.user, request.namespace, request.name, container, options=options)
    text = api.containers.logs(request.namespace, request.name, options)
    return HttpResponse(200, [("Content-Type", "text/plain")], text)


def _check_log(options: dict[str, str]) -> None:
    errors: list[FieldError] = []
    for name in ("tailLines", "sinceSeconds", "limitBytes"):
        value = options.get(name)
        if value is None or not value.lstrip("-").isdigit():
            continue
        least = 0 if name == "tailLines" else 1
        if int(value) < least:
            text = "must be greater than 0" if least else "must be greater than or equal to 0"
            errors.append(invalid_value(name, int(value), text))
    if errors:
        raise invalid("PodLogOptions", "", "", errors)


def _exec(api: HttpApi, http: HttpRequest, request: Request, pod: Object) -> Connection:
    argv = tuple(http.parameters.get("command", ()))
    if not argv and request.subresource == "exec":
        raise invalid("PodExecOptions", "", "", [required("command")])
    if not (pod["spec"].get("nodeName")):
        raise bad_request(f"pod {request.name} does not have a host assigned")
    container = container_of(pod, http.parameter("container"))
    return Connection(
        request.subresource,
        request.user,
        request.namespace,
        request.name,
        container,
        argv,
        stdin=http.flag("stdin"),
        stdout=http.flag("stdout"),
        stderr=http.flag("stderr"),
        tty=http.flag("tty"),
        options=_options(http),
    )


def _port_forward(api: HttpApi, http: HttpRequest, request: Request, pod: Object) -> Connection:
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {request.name} does not have a host assigned")
    ports = tuple(int(port) for text in http.parameters.get("ports", ()) for port in text.split(",") if port.isdigit())
    return Connection("portforward", request.user, request.namespace, request.name, ports=ports)


def _proxy(http: HttpRequest, request: Request, place: ResourcePath, kind: Kind) -> Connection:
    options = _options(http)
    options["target"] = place.name
    return Connection(
        "proxy",
        request.user,
        request.namespace,
        request.name,
        path=http.path.partition(f"/{place.name}/{place.subresource}")[2],
        resource=kind.plural,
        options=options,
    )


_HANDLERS = {"log": _log, "exec": _exec, "attach": _exec, "portforward": _port_forward}
