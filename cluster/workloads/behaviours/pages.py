"""Small web programs of courses: each path has a text; what is asked and who asks is filled in.

The texts are data of the image (`settings.pages`), with `$hostname`, `$version`, `$node`, `$ip`, `$client`,
`$method`, `$path`, `$query`, `$host` and `$headers` replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from string import Template
from typing import Any, ClassVar
from urllib.parse import parse_qs

from cluster.machinery.clock import timestamp
from cluster.workloads.behaviours import agnhost_webhook
from cluster.workloads.behaviours.resident import (
    Resident,
    header,
    host_of,
    image_of,
    path_of,
    settings_of,
    text_reply,
)
from cluster.workloads.behaviours.tlsfiles import NoCertificate, key_pair
from cluster.workloads.process import Call, WebReply, WebRequest


def words_of(call: Call, request: WebRequest) -> dict[str, str]:
    """Return what a page may mention."""
    path, query = path_of(request)
    image = image_of(call)
    return {
        "hostname": call.place.hostname,
        "version": image.version if image else "",
        "node": str(call.place.services.get("node", "")),
        "ip": str(call.place.services.get("pod ip", "")),
        "client": request.client or "127.0.0.1",
        "method": request.method,
        "path": path,
        "query": query,
        "host": host_of(request),
        "headers": "".join(f"\t{key.lower()}={value}\n" for key, value in sorted(request.headers)),
    }


class Pages(Resident):
    """Serves the texts of its image's settings."""

    name = "pages"
    stop_code = 143

    def announce(self, call: Call) -> None:
        banner = str(settings_of(call).get("banner", ""))
        if banner:
            call.error(banner)

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        settings = settings_of(call)
        words = words_of(call, request)
        pages: Mapping[str, str] = settings.get("pages") or {}
        text = pages.get(words["path"], pages.get("*"))
        self.log(call, request, words["path"])
        if text is None:
            return text_reply(404, "404 page not found\n")
        return text_reply(200, Template(text).safe_substitute(words), str(settings.get("type", "text/plain")))

    def log(self, call: Call, request: WebRequest, path: str) -> None:
        line = str(settings_of(call).get("log", ""))
        if line:
            moment = timestamp(call.place.now()).replace("-", "/").replace("T", " ").rstrip("Z")
            call.error(Template(line).safe_substitute({**words_of(call, request), "time": moment}) + "\n")


class HttpEcho(Resident):
    """hashicorp/http-echo: says its -text on -listen."""

    name = "http-echo"

    def ports(self, call: Call) -> Sequence[int]:
        return [int(flag(call.argv, "listen", ":5678").rpartition(":")[2])]

    def announce(self, call: Call) -> None:
        call.error(f"{timestamp(call.place.now())} [INFO] server is listening on :{self.ports(call)[0]}\n")

    def refuse(self, call: Call) -> int | None:
        if flag(call.argv, "text", "") or call.environ.get("ECHO_TEXT"):
            return None
        call.error("Missing -text option!\n")
        return 127

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, _ = path_of(request)
        if path == "/health":
            return text_reply(200, '{"status":"ok"}\n', "application/json")
        text = flag(call.argv, "text", "") or call.environ.get("ECHO_TEXT", "")
        call.write(
            f'{timestamp(call.place.now())} {host_of(request)} {request.client}:40122 "{request.method} {path} '
            f'HTTP/1.1" 200 {len(text) + 1} "{header(request, "User-Agent")}" 12.5µs\n'
        )
        return text_reply(200, text + "\n", "text/plain; charset=utf-8")


def flag(argv: Sequence[str], name: str, default: str) -> str:
    """Return a Go-style flag's value: -name=x, --name=x or -name x."""
    for index, word in enumerate(argv):
        bare = word.lstrip("-")
        if word.startswith("-") and bare.startswith(f"{name}="):
            return bare[len(name) + 1 :]
        if word.startswith("-") and bare == name and index + 1 < len(argv):
            return argv[index + 1]
    return default


class Agnhost(Resident):
    """Kubernetes' own test image: netexec, serve-hostname, liveness, webhook, pause."""

    name = "agnhost"
    stop_code = 143
    usual: ClassVar[Mapping[str, str]] = {
        "netexec": "8080",
        "serve-hostname": "9376",
        "liveness": "8080",
        "test-webserver": "80",
        "webhook": "443",
    }

    def command(self, call: Call) -> str:
        usual = str(settings_of(call).get("command", "pause"))
        return usual if usual != "pause" else next((word for word in call.argv[1:] if word[:1] != "-"), usual)

    def ports(self, call: Call) -> Sequence[int]:
        command = self.command(call)
        if command not in self.usual:
            return ()
        return [int(flag(call.argv, "http-port", flag(call.argv, "port", self.usual[command])))]

    def refuse(self, call: Call) -> int | None:
        if self.command(call) != "webhook":
            return None
        try:
            call.state["certificate"] = key_pair(
                call, flag(call.argv, "tls-cert-file", ""), flag(call.argv, "tls-private-key-file", "")
            )
        except NoCertificate as error:
            call.error(f"F{_klog_stamp(call)}       1 config.go:46] {error}\n")
            return 255
        return None

    def listening(self, call: Call, port: int) -> Mapping[str, Any]:
        return {"certificate": call.state["certificate"]} if self.command(call) == "webhook" else {}

    def announce(self, call: Call) -> None:
        call.state["since"] = call.place.now()
        if self.command(call) == "pause":
            call.write("Paused\n")
        if self.command(call) == "netexec":
            call.error(f"{timestamp(call.place.now())} Started HTTP server on port {self.ports(call)[0]}\n")

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, query = path_of(request)
        command = self.command(call)
        if command == "liveness":
            return self._liveness(call, path)
        if command == "serve-hostname":
            return text_reply(200, call.place.hostname)
        if command == "webhook":
            return self._webhook(call, path, request)
        return self._netexec(call, path, query, request)

    def _webhook(self, call: Call, path: str, request: WebRequest) -> WebReply:
        if path == "/readyz":
            return text_reply(200, "ok")
        stamp = _klog_stamp(call)
        call.error(f"I{stamp}       1 main.go:119] handling request: {request.body.decode('utf-8', 'replace')}\n")
        reply = agnhost_webhook.answer(path, request.body, flag(call.argv, "sidecar-image", ""))
        call.error(f"I{stamp}       1 main.go:172] sending response: {reply.body.decode('utf-8', 'replace')}\n")
        return reply

    def _liveness(self, call: Call, path: str) -> WebReply:
        age = call.place.now() - call.state["since"]
        if path == "/healthz" and age > 10:
            return text_reply(500, f"error: {age:.6f}")
        return text_reply(200, "ok")

    def _netexec(self, call: Call, path: str, query: str, request: WebRequest) -> WebReply:
        words = parse_qs(query)
        answers = {
            "/": f"NOW: {timestamp(call.place.now())}",
            "/hostname": call.place.hostname,
            "/hostName": call.place.hostname,
            "/clientip": f"{request.client}:41714",
            "/echo": words.get("msg", [""])[0],
            "/healthz": "",
        }
        return text_reply(200, answers[path]) if path in answers else text_reply(404, "404 page not found\n")


def _klog_stamp(call: Call) -> str:
    return datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%m%d %H:%M:%S.%f")


class EchoServer(Resident):
    """registry.k8s.io/echoserver: tells the client what arrived."""

    name = "echoserver"

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        words = words_of(call, request)
        body = request.body.decode("utf-8", "replace") or "-no body in request-"
        text = (
            f"\n\nHostname: {words['hostname']}\n\nPod Information:\n\t-no pod information available-\n\n"
            "Server values:\n\tserver_version=nginx: 1.13.3 - lua: 10008\n\n"
            f"Request Information:\n\tclient_address={words['client']}\n\tmethod={words['method']}\n"
            f"\treal path={words['path']}\n\tquery={words['query']}\n\trequest_version=1.1\n"
            f"\trequest_scheme=http\n\trequest_uri={request.url}\n\n"
            f"Request Headers:\n{words['headers']}\nRequest Body:\n\t{body}\n\n"
        )
        return text_reply(200, text)


class Whoami(Resident):
    """traefik/whoami and its relatives: the request, as text or JSON."""

    name = "whoami"
    stop_code = 2

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        words = words_of(call, request)
        if words["path"] == "/api":
            body = {"hostname": words["hostname"], "ip": [words["ip"]], "url": words["path"], "host": words["host"]}
            return text_reply(200, json.dumps(body), "application/json")
        headers = "".join(f"{key}: {value}\n" for key, value in request.headers)
        text = (
            f"Hostname: {words['hostname']}\nIP: 127.0.0.1\nIP: {words['ip']}\nRemoteAddr: {words['client']}:36242\n"
            f"{words['method']} {words['path']} HTTP/1.1\nHost: {words['host']}\n{headers}\n"
        )
        return text_reply(200, text)
