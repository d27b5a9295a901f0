"""httpd and the PHP images built on it: a document root, Apache's logs, and two well-known PHP pages."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from urllib.parse import parse_qs, quote

from cluster.workloads.behaviours.resident import (
    Resident,
    header,
    image_of,
    path_of,
    settings_of,
    text_reply,
)
from cluster.workloads.files import FileError
from cluster.workloads.process import Call, WebReply, WebRequest


class Apache(Resident):
    """The official httpd image."""

    name = "httpd"

    def announce(self, call: Call) -> None:
        ip, moment = call.place.services.get("pod ip", "127.0.0.1"), self._moment(call)
        image = image_of(call)
        call.error(
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, "
            f"using {ip}. Set the 'ServerName' directive globally to suppress this message\n"
            f"[{moment}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/{image.version if image else '2.4.65'} "
            "(Unix) configured -- resuming normal operations\n"
            f"[{moment}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n"
        )

    def _moment(self, call: Call) -> str:
        return datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%a %b %d %H:%M:%S.%f %Y")

    def farewell(self, call: Call, signal: str) -> None:
        call.error(
            f"[{self._moment(call)}] [mpm_event:notice] [pid 1:tid 1] AH00491: caught SIG{signal}, shutting down\n"
        )

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        path, query = path_of(request)
        reply = self.answer(call, path, query)
        moment = datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
        agent = header(request, "User-Agent")
        tail = f' "-" "{agent}"' if self.name != "httpd" else ""
        call.write(
            f'{request.client or "127.0.0.1"} - - [{moment}] "{request.method} {path} HTTP/1.1" '
            f"{reply.status} {len(reply.body)}{tail}\n"
        )
        return reply

    def answer(self, call: Call, path: str, query: str) -> WebReply:
        root = str(settings_of(call).get("root", "/usr/local/apache2/htdocs"))
        try:
            body = call.place.files.read(root + (path + "index.html" if path.endswith("/") else path))
        except FileError:
            return text_reply(404, _not_found(), "text/html; charset=iso-8859-1")
        return text_reply(200, body, "text/html")


def _not_found() -> str:
    return (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head>'
        "<body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n"
    )


class PhpApache(Apache):
    """registry.k8s.io/hpa-example: a page that costs CPU and says OK!."""

    name = "apache2-foreground"

    def answer(self, call: Call, path: str, query: str) -> WebReply:
        if path in ("/", "/index.php"):
            return text_reply(200, "OK!", "text/html; charset=UTF-8")
        return text_reply(404, _not_found(), "text/html")


class Guestbook(Apache):
    """gb-frontend: the guestbook's page, and the PHP that reads from a follower and writes to the leader."""

    name = "guestbook-frontend"

    def answer(self, call: Call, path: str, query: str) -> WebReply:
        if path == "/guestbook.php":
            return self._guestbook(call, parse_qs(query, keep_blank_values=True))
        return super().answer(call, path, query)

    def _guestbook(self, call: Call, words: dict[str, list[str]]) -> WebReply:
        key = words.get("key", ["messages"])[0]
        if words.get("cmd", [""])[0] == "set":
            value = words.get("value", [""])[0]
            reply = self._redis(call, "leader", f"SET {key} {quote(value)}")
            body = {"message": "Updated"}
        else:
            reply = self._redis(call, "follower", f"GET {key}")
            body = {"data": reply.body.decode("utf-8", "replace")}
        if reply.error:
            return text_reply(
                500, "<b>Fatal error</b>: Uncaught Predis\\Connection\\ConnectionException\n", "text/html"
            )
        return text_reply(200, json.dumps(body), "application/json")

    def _redis(self, call: Call, role: str, command: str) -> WebReply:
        reply = WebReply(error="nxdomain")
        for name in settings_of(call).get(role, ()):
            if call.environ.get("GET_HOSTS_FROM") == "env":
                name = call.environ.get(str(name).upper().replace("-", "_") + "_SERVICE_HOST", name)
            request = WebRequest("REDIS", f"redis://{name}:6379/", body=command.encode(), timeout=5.0)
            reply = call.place.fetch(request)
            if reply.error != "nxdomain":
                break
        return reply
