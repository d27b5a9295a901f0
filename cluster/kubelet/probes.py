"""Startup, liveness and readiness probes: when they run, what they find, what follows from it.

A probe's memory is `container['probes'][kind]`. Instead of random jitter, probes that pass run in step.
https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.kubelet import tasks
from cluster.kubelet.place import ContainerPlace
from cluster.machinery.meta import Object
from cluster.workloads.process import WebReply, WebRequest

KINDS = ("startup", "readiness", "liveness")
SETTLE = 0.5  # a container is given this long before its first probe
STEADY = 3  # successes in a row after which a probe's phase no longer matters
AGENT = ("User-Agent", "kube-probe/1.36")

Serve = Callable[[int, WebRequest], WebReply]


@dataclass(frozen=True, slots=True)
class Finding:
    """One probe's result; `text` says what was wrong."""

    good: bool
    text: str = ""


def begin(place: ContainerPlace, spec: Object) -> None:
    """Set up the probes of a container that has just started; decide started and ready without them."""
    container = place.container
    container["probes"] = {
        kind: {"at": _first(place, spec[f"{kind}Probe"]), "good": 0, "bad": 0}
        for kind in KINDS
        if spec.get(f"{kind}Probe")
    }
    container["started"] = "startup" not in container["probes"]
    container["ready"] = container["started"] and "readiness" not in container["probes"]


def _first(place: ContainerPlace, probe: Mapping[str, Any]) -> float:
    return float(place.now() + max(probe.get("initialDelaySeconds", 0), place.host.delay(SETTLE)))


def due(container: Mapping[str, Any]) -> float | None:
    """Return when the next probe of this container wants attention."""
    moments = [
        tasks.wake(memory["task"]) if memory.get("task") else memory["at"]
        for kind, memory in container.get("probes", {}).items()
        if _applies(kind, container)
    ]
    return min(moments, default=None)


def _applies(kind: str, container: Mapping[str, Any]) -> bool:
    return (kind == "startup") != bool(container["started"])


def run(place: ContainerPlace, spec: Object, serve: Serve) -> str:
    """Run every probe that is due; return the kind of a probe that wants the container killed, or ''."""
    container = place.container
    for kind in KINDS:
        memory = container["probes"].get(kind)
        if memory is None or not _applies(kind, container):
            continue
        if memory.get("task"):
            finding = _continue(place, memory)
        elif memory["at"] <= place.now():
            finding = _look(place, spec, spec[f"{kind}Probe"], memory, serve)
            memory["at"] = _next(memory, float(spec[f"{kind}Probe"].get("periodSeconds", 10)))
        else:
            finding = None
        if finding is not None and _judge(place, spec, kind, memory, finding):
            return kind
    return ""


def _next(memory: Mapping[str, Any], period: float) -> float:
    """Return when to look again. Probes that keep passing fall into step, so that an idle lab wakes less often."""
    after: float = memory["at"] + period
    if memory["good"] < STEADY:
        return after
    return max((after + period / 2) // period * period, float(memory["at"]) + period / 2)


def _judge(place: ContainerPlace, spec: Object, kind: str, memory: dict[str, Any], finding: Finding) -> bool:
    """Count a result; return whether the container must be killed for it."""
    probe, container = spec[f"{kind}Probe"], place.container
    if finding.good:
        memory["good"], memory["bad"] = memory["good"] + 1, 0
        if memory["good"] >= probe.get("successThreshold", 1):
            _passed(container, kind)
        return False
    memory["good"], memory["bad"] = 0, memory["bad"] + 1
    message = f"{kind.capitalize()} probe failed: {finding.text}"
    place.host.event(place.pod, "Unhealthy", message, container=place.name, kind="Warning")
    if memory["bad"] < probe.get("failureThreshold", 3):
        return False
    if kind == "readiness":
        container["ready"] = False
        return False
    memory["bad"] = 0
    return True


def _passed(container: dict[str, Any], kind: str) -> None:
    if kind == "startup":
        container["started"] = True
        container["ready"] = "readiness" not in container["probes"]
    elif kind == "readiness":
        container["ready"] = True


# -- looking ---------------------------------------------------------------------------------------


def _look(
    place: ContainerPlace, spec: Object, probe: Mapping[str, Any], memory: dict[str, Any], serve: Serve
) -> Finding | None:
    if "exec" in probe:
        memory["task"] = tasks.begin(place, probe["exec"].get("command") or [], probe.get("timeoutSeconds", 1))
        return _continue(place, memory)
    for handler, look in _HANDLERS.items():
        if handler in probe:
            return look(place, spec, probe, serve)
    return Finding(True)


def _continue(place: ContainerPlace, memory: dict[str, Any]) -> Finding | None:
    task = memory["task"]
    if "exit" not in task and task["process"]["wake"] is not None and task["process"]["wake"] <= place.now():
        tasks.go_on(place, task)
    if tasks.is_late(task, place.now()):
        memory["task"] = None
        command = " ".join(task["argv"])
        return Finding(False, f'command timed out: "{command}" timed out after {task["limit"]:g}s')
    if "exit" not in task:
        return None
    memory["task"] = None
    return Finding(task["exit"] == 0, task["out"])


def port_number(spec: Object, port: int | str) -> int:
    """Return a probe's or hook's port, which may be the name of a container port."""
    if isinstance(port, int) or port.isdigit():
        return int(port)
    return next((one["containerPort"] for one in spec.get("ports") or () if one.get("name") == port), 0)


def web_request(place: ContainerPlace, spec: Object, action: Mapping[str, Any]) -> tuple[int, WebRequest]:
    """Return (port, request) of an `httpGet`."""
    scheme = action.get("scheme", "HTTP").lower()
    host = action.get("host") or place.record["ip"]
    port = port_number(spec, action["port"])
    path = action.get("path") or "/"
    headers = tuple((header["name"], header.get("value", "")) for header in action.get("httpHeaders") or ())
    url = f"{scheme}://{host}:{port}{path if path.startswith('/') else '/' + path}"
    return port, WebRequest("GET", url, (AGENT, ("Accept", "*/*"), *headers), client=place.host.address)


def _http(place: ContainerPlace, spec: Object, probe: Mapping[str, Any], serve: Serve) -> Finding:
    action = probe["httpGet"]
    port, request = web_request(place, spec, action)
    foreign = action.get("host") not in (None, "", place.record["ip"], "127.0.0.1", "localhost")
    if foreign:
        reply = place.host.wires.fetch_from_node(place.host.name, request)
    else:
        reply = serve(port, request)
    limit = probe.get("timeoutSeconds", 1)
    if reply.error == "timeout" or reply.seconds > limit:
        return Finding(
            False,
            f'Get "{request.url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
        )
    if reply.error:
        return Finding(False, f'Get "{request.url}": {_dial_error(place, port, reply.error)}')
    if 200 <= reply.status < 400:
        return Finding(True)
    return Finding(False, f"HTTP probe failed with statuscode: {reply.status}")


def _dial_error(place: ContainerPlace, port: int, error: str) -> str:
    if error == "empty":
        return "EOF"
    if error == "tls":
        return "http: server gave HTTP response to HTTPS client"
    if error == "nxdomain":
        return "dial tcp: lookup: no such host"
    return f"dial tcp {place.record['ip']}:{port}: connect: connection refused"


def _tcp(place: ContainerPlace, spec: Object, probe: Mapping[str, Any], serve: Serve) -> Finding:
    port = port_number(spec, probe["tcpSocket"]["port"])
    if port in place.listening():
        return Finding(True)
    return Finding(False, f"dial tcp {place.record['ip']}:{port}: connect: connection refused")


def _grpc(place: ContainerPlace, spec: Object, probe: Mapping[str, Any], serve: Serve) -> Finding:
    port = port_number(spec, probe["grpc"]["port"])
    if port in place.listening():
        return Finding(True)
    where = f"{place.record['ip']}:{port}"
    limit = probe.get("timeoutSeconds", 1)
    return Finding(False, f'timeout: failed to connect service "{where}" within {limit}s: context deadline exceeded')


_HANDLERS: Mapping[str, Callable[[ContainerPlace, Object, Mapping[str, Any], Serve], Finding]] = {
    "httpGet": _http,
    "tcpSocket": _tcp,
    "grpc": _grpc,
}
