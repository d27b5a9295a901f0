"""Containers of pods and templates: image, ports, state, resources, probes, environment, mounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cluster.kubectl.describe.page import Page, amount, date, flag, lower

Container = Mapping[str, Any]


def write(page: Page, title: str, containers: Sequence[Container], statuses: Sequence[Container] | None = None,
          indent: str = "", pod: Mapping[str, Any] | None = None) -> None:
    """Write all containers of one list. `indent` is two blanks inside a pod template."""
    by_name = {status["name"]: status for status in statuses or ()}
    page.line(f"{indent}{title}:{'' if containers else ' <none>'}")
    for container in containers:
        status = by_name.get(container["name"]) if statuses is not None else None
        _one(page, container, status, " " if indent else "", pod)


def _one(page: Page, container: Container, status: Container | None, indent: str, pod: Mapping[str, Any] | None
         ) -> None:
    page.line(f"{indent}{container['name']}:", 1)
    _basics(page, container, status)
    for title, field in (("Command", "command"), ("Args", "args")):
        if container.get(field):
            page.line(f"{title}:", 2)
            for word in container[field]:
                for part in str(word).split("\n"):
                    page.line(part, 3)
    if status is not None:
        _state(page, status)
    resources = container.get("resources") or {}
    for title, field in (("Limits", "limits"), ("Requests", "requests")):
        if resources.get(field):
            page.line(f"{title}:", 2)
            for name in sorted(resources[field]):
                page.line(f"{name}:\t{amount(resources[field][name])}", 3)
    for title, field in (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")):
        if container.get(field):
            page.line(f"{title}:\t{probe(container[field])}", 2)
    _environment(page, container, pod)
    _mounts(page, container)


def _basics(page: Page, container: Container, status: Container | None) -> None:
    if status is not None:
        page.line(f"Container ID:\t{status.get('containerID', '')}", 2)
    page.line(f"Image:\t{container.get('image', '')}", 2)
    if status is not None:
        page.line(f"Image ID:\t{status.get('imageID', '')}", 2)
    ports = container.get("ports") or []
    shown = ", ".join(f"{port['containerPort']}/{port.get('protocol', 'TCP')}"
                      for port in ports)
    hosts = ", ".join(f"{port.get('hostPort', 0)}/{port.get('protocol', 'TCP')}" for port in ports)
    page.line(f"{'Ports' if ',' in shown else 'Port'}:\t{shown or '<none>'}", 2)
    page.line(f"{'Host Ports' if ',' in hosts else 'Host Port'}:\t{hosts or '<none>'}", 2)
    seccomp = ((container.get("securityContext") or {}).get("seccompProfile") or {}).get("type")
    if seccomp:
        page.line(f"SeccompProfile:\t{seccomp}", 2)


def _state(page: Page, status: Container) -> None:
    _status(page, "State", status.get("state") or {})
    if (status.get("lastState") or {}).get("terminated"):
        _status(page, "Last State", status["lastState"])
    page.line(f"Ready:\t{flag(status.get('ready'))}", 2)
    page.line(f"Restart Count:\t{status.get('restartCount', 0)}", 2)


def _status(page: Page, title: str, state: Mapping[str, Any]) -> None:
    if state.get("running") is not None:
        page.line(f"{title}:\tRunning", 2)
        page.line(f"Started:\t{date(state['running'].get('startedAt'))}", 3)
    elif state.get("terminated"):
        ended = state["terminated"]
        page.line(f"{title}:\tTerminated", 2)
        for word, field in (("Reason", "reason"), ("Message", "message")):
            if ended.get(field):
                page.line(f"{word}:\t{ended[field]}", 3)
        page.line(f"Exit Code:\t{ended.get('exitCode', 0)}", 3)
        if ended.get("signal"):
            page.line(f"Signal:\t{ended['signal']}", 3)
        page.line(f"Started:\t{date(ended.get('startedAt'))}", 3)
        page.line(f"Finished:\t{date(ended.get('finishedAt'))}", 3)
    else:
        page.line(f"{title}:\tWaiting", 2)
        reason = (state.get("waiting") or {}).get("reason")
        if reason:
            page.line(f"Reason:\t{reason}", 3)


def probe(given: Mapping[str, Any]) -> str:
    attributes = (f"delay={given.get('initialDelaySeconds', 0)}s timeout={given.get('timeoutSeconds', 1)}s "
                  f"period={given.get('periodSeconds', 10)}s #success={given.get('successThreshold', 1)} "
                  f"#failure={given.get('failureThreshold', 3)}")
    if given.get("exec"):
        return f"exec [{' '.join(given['exec'].get('command') or ())}] {attributes}"
    if given.get("httpGet"):
        get = given["httpGet"]
        path = str(get.get("path", ""))
        return (f"http-get {str(get.get('scheme', 'HTTP')).lower()}://{get.get('host', '')}:{get.get('port', '')}"
                f"{path if path.startswith('/') or not path else '/' + path} {attributes}")
    if given.get("tcpSocket"):
        return f"tcp-socket {given['tcpSocket'].get('host', '')}:{given['tcpSocket'].get('port', '')} {attributes}"
    if given.get("grpc"):
        return f"grpc <pod>:{given['grpc'].get('port', 0)} {given['grpc'].get('service') or ''} {attributes}"
    return f"unknown {attributes}"


def _environment(page: Page, container: Container, pod: Mapping[str, Any] | None) -> None:
    if container.get("envFrom"):
        page.line("Environment Variables from:", 2)
        for source in container["envFrom"]:
            kind, ref = ("ConfigMap", source["configMapRef"]) if source.get("configMapRef") else (
                "Secret", source.get("secretRef") or {})
            prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
            page.line(f"{ref.get('name', '')}\t{kind}{prefix}\tOptional: {lower(ref.get('optional'))}", 3)
    env = container.get("env") or []
    page.line(f"Environment:{'' if env else chr(9) + '<none>'}", 2)
    for item in env:
        _variable(page, item, container, pod)


def _variable(page: Page, item: Mapping[str, Any], container: Container, pod: Mapping[str, Any] | None) -> None:
    name, source = item["name"], item.get("valueFrom") or {}
    if source.get("fieldRef"):
        ref = source["fieldRef"]
        value = _field(pod, ref["fieldPath"]) if pod else ""
        page.line(f"{name}:\t{value} ({ref.get('apiVersion', 'v1')}:{ref['fieldPath']})", 3)
    elif source.get("resourceFieldRef"):
        ref = source["resourceFieldRef"]
        page.line(f"{name}:\t{_resource(container, ref)} ({ref['resource']})", 3)
    elif source.get("secretKeyRef"):
        ref = source["secretKeyRef"]
        page.line(f"{name}:\t<set to the key '{ref['key']}' in secret '{ref.get('name', '')}'>\tOptional: "
                  f"{lower(ref.get('optional'))}", 3)
    elif source.get("configMapKeyRef"):
        ref = source["configMapKeyRef"]
        page.line(f"{name}:\t<set to the key '{ref['key']}' of config map '{ref.get('name', '')}'>\tOptional: "
                  f"{lower(ref.get('optional'))}", 3)
    else:
        first, *rest = str(item.get("value", "")).split("\n")
        page.line(f"{name}:\t{first}", 3)
        for part in rest:
            page.line(f"\t{part}", 3)


_FIELDS = {
    "metadata.name": ("metadata", "name"), "metadata.namespace": ("metadata", "namespace"),
    "metadata.uid": ("metadata", "uid"), "spec.nodeName": ("spec", "nodeName"),
    "spec.serviceAccountName": ("spec", "serviceAccountName"), "status.hostIP": ("status", "hostIP"),
    "status.podIP": ("status", "podIP"),
}


def _field(pod: Mapping[str, Any], path: str) -> str:
    """Return the value the pod shows for a downward field; only metadata is known to a description."""
    if not path.startswith("metadata."):
        return ""
    found: Any = pod
    for word in _FIELDS.get(path, ()):
        found = found.get(word, "") if isinstance(found, Mapping) else ""
    return str(found) if found is not pod else ""


def _resource(container: Container, ref: Mapping[str, Any]) -> str:
    kind, _, name = str(ref["resource"]).partition(".")
    value = ((container.get("resources") or {}).get(kind) or {}).get(name)
    return amount(value) if value is not None else "node allocatable" if kind == "limits" else "0"


def _mounts(page: Page, container: Container) -> None:
    mounts = sorted(container.get("volumeMounts") or (), key=lambda mount: str(mount["mountPath"]))
    page.line(f"Mounts:{'' if mounts else chr(9) + '<none>'}", 2)
    for mount in mounts:
        words = ["ro" if mount.get("readOnly") else "rw"]
        if mount.get("subPath"):
            words.append(f'path="{mount["subPath"]}"')
        page.line(f"{mount['mountPath']} from {mount['name']} ({','.join(words)})", 3)
    devices = sorted(container.get("volumeDevices") or (), key=lambda device: str(device["devicePath"]))
    if devices:
        page.line("Devices:", 2)
        for device in devices:
            page.line(f"{device['devicePath']} from {device['name']}", 3)
