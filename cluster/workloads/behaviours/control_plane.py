"""The cluster's own programs as containers: their health ports and first log lines. The work is the components'."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from cluster.workloads.apiserverflags import BadFlag, parsed
from cluster.workloads.apiserverstart import BadStart, examine, files_named
from cluster.workloads.behaviours.resident import Resident, path_of, text_reply
from cluster.workloads.files import FileError, Files
from cluster.workloads.process import Call, WebReply, WebRequest

HEALTH = ("/healthz", "/livez", "/readyz", "/health", "/ready")


def klog(moment: float, source: str, text: str) -> str:
    """Return one line as klog writes it."""
    stamp = datetime.fromtimestamp(moment, timezone.utc).strftime("%m%d %H:%M:%S.%f")
    return f"I{stamp}       1 {source}] {text}\n"


class ControlPlane(Resident):
    """A server that answers its health checks."""

    def __init__(self, name: str, ports: Sequence[int], lines: Mapping[str, str]):
        self.name = name
        self._ports = tuple(ports)
        self._lines = lines

    def ports(self, call: Call) -> Sequence[int]:
        return self._ports

    def announce(self, call: Call) -> None:
        call.error("".join(klog(call.place.now(), source, text) for source, text in self._lines.items()))

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, _ = path_of(request)
        if path.startswith(HEALTH):
            return text_reply(200, "ok")
        return self.answer(path)

    def answer(self, path: str) -> WebReply:
        return text_reply(404, "404 page not found\n")


class ApiServerProgram(ControlPlane):
    """The API server's process: it judges its command line, and what it was started with stands with its port."""

    def refuse(self, call: Call) -> int | None:
        files = call.place.files
        try:
            values = parsed(call.argv[1:])
        except BadFlag as bad:
            call.error(f"Error: {bad}\n")
            return 1
        try:
            texts = files_named(values, lambda path: _text(files, path))
            examine(values, texts)
        except BadStart as bad:
            line = klog(call.place.now(), "run.go:72", f'"command failed" err={json.dumps(str(bad))}')
            call.error(f"E{line[1:]}")
            return 1
        call.state["launch"] = {"argv": list(call.argv[1:]), "files": texts}
        return None

    def listening(self, call: Call, port: int) -> Mapping[str, Any]:
        return {**call.state["launch"], "since": call.place.now()}

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        """Answer as the lab's API server, to whom the place has a door."""
        answer: Callable[[WebRequest], WebReply] = call.place.services["api"]
        return answer(request)


def _text(files: Files, path: str) -> str | None:
    try:
        return files.read(path).decode("utf-8", "replace")
    except FileError:
        return None


class CoreDns(Resident):
    """CoreDNS: health, readiness and metrics; the answers themselves are the network's."""

    name = "coredns"

    def announce(self, call: Call) -> None:
        call.write(
            ".:53\n[INFO] plugin/reload: Running configuration SHA512 = "
            "1b226df79860026c6a52e67daa10d7f0d57ec5b023288ec00c5e05f93523c894564e15b91770d3a07ae1cfbe861d15b3\n"
            "CoreDNS-1.14.2\nlinux/amd64, go1.25.7\n"
        )

    def farewell(self, call: Call, signal: str) -> None:
        call.write("[INFO] SIGTERM: Shutting down servers then terminating\n")

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, _ = path_of(request)
        if port in (8080, 8181):
            return text_reply(200, "OK") if path in HEALTH else text_reply(404, "404 page not found\n")
        if port == 9153:
            return text_reply(200, "# HELP coredns_build_info A metric with a constant '1' value.\n")
        return WebReply(error="empty")


PROGRAMS = (
    ControlPlane(
        "etcd",
        (2379, 2380, 2381),
        {
            "etcdmain/etcd.go:54": '"Running: " args=["etcd"]',
            "embed/serve.go:103": '"ready to serve client requests"',
        },
    ),
    ApiServerProgram(
        "kube-apiserver",
        (6443,),
        {
            "options.go:263": '"external host was not specified, using advertise address"',
            "server.go:151": '"Version: v1.36.2"',
            "secure_serving.go:211": '"Serving securely on [::]:6443"',
        },
    ),
    ControlPlane(
        "kube-controller-manager",
        (10257,),
        {
            "serving.go:386": '"Generated self-signed cert in-memory"',
            "controllermanager.go:189": '"Starting" version="v1.36.2"',
            "leaderelection.go:271": '"successfully acquired lease kube-system/kube-controller-manager"',
        },
    ),
    ControlPlane(
        "kube-scheduler",
        (10259,),
        {
            "serving.go:386": '"Generated self-signed cert in-memory"',
            "server.go:175": '"Starting Kubernetes Scheduler" version="v1.36.2"',
            "leaderelection.go:271": '"successfully acquired lease kube-system/kube-scheduler"',
        },
    ),
    ControlPlane(
        "kube-proxy",
        (10249, 10256),
        {
            "server_linux.go:63": '"Using iptables proxy"',
            "server.go:677": '"Version info" version="v1.36.2"',
            "config.go:200": '"Starting service config controller"',
            "shared_informer.go:356": '"Caches are synced" controller="service config"',
        },
    ),
    ControlPlane("metrics-server", (10250,), {"secure_serving.go:211": '"Serving securely on [::]:10250"'}),
    CoreDns(),
)
