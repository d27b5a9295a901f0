"""nginx: static files by its configuration, `return` and `proxy_pass`, its two logs and its error pages."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import lru_cache

from cluster.machinery.clock import timestamp
from cluster.workloads.behaviours.resident import Resident, header, image_of, path_of, text_reply
from cluster.workloads.files import FileError
from cluster.workloads.process import Call, WebReply, WebRequest

ENTRYPOINT = """\
/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration
/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/
/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh
10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf
10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf
/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh
/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh
/docker-entrypoint.sh: Configuration complete; ready for start up
"""
WORDS = {
    301: "Moved Permanently",
    302: "Found",
    400: "Bad Request",
    401: "Authorization Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Not Allowed",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
CONFIG = "/etc/nginx/conf.d"


@dataclass(frozen=True, slots=True)
class Location:
    """One `location` block."""

    prefix: str
    root: str = ""
    code: int = 0
    text: str = ""
    upstream: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """One `server` block."""

    port: int
    root: str
    index: tuple[str, ...]
    locations: tuple[Location, ...]


DEFAULT = Server(80, "/usr/share/nginx/html", ("index.html", "index.htm"), ())


@lru_cache(maxsize=64)
def parse_config(text: str) -> tuple[Server, ...]:
    """Return the server blocks of a configuration; directives that no lesson needs are passed over."""
    clean = re.sub(r"#[^\n]*", "", text)
    return tuple(_server(body) for body in _blocks(clean, r"server"))


def _blocks(text: str, opening: str) -> list[str]:
    found = []
    for match in re.finditer(rf"(?:^|[\s;{{}}]){opening}\s*\{{", text):
        found.append(_body(text, match.end()))
    return found


def _body(text: str, start: int) -> str:
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return text[start:]


def _server(body: str) -> Server:
    locations = tuple(
        _location(match.group(1), _body(body, match.end()))
        for match in re.finditer(r"location\s+(?:[=~^*]+\s+)?(\S+)\s*\{", body)
    )
    outer = re.sub(r"location[^{]*\{[^{}]*\}", "", body)
    listen = re.search(r"listen\s+(?:[\d.]+:)?(\d+)", outer)
    root = re.search(r"root\s+([^;]+);", outer)
    index = re.search(r"index\s+([^;]+);", body)
    answer = re.search(r"return\s+(\d+)\s*(.*?);", outer, re.DOTALL)
    if answer:
        locations = (*locations, Location("/", code=int(answer.group(1)), text=_unquote(answer.group(2))))
    return Server(
        int(listen.group(1)) if listen else 80,
        root.group(1).strip() if root else "/etc/nginx/html",
        tuple(index.group(1).split()) if index else ("index.html",),
        locations,
    )


def _location(prefix: str, body: str) -> Location:
    root = re.search(r"root\s+([^;]+);", body)
    answer = re.search(r"return\s+(\d+)\s*(.*?);", body, re.DOTALL)
    upstream = re.search(r"proxy_pass\s+([^;]+);", body)
    alias = re.search(r"alias\s+([^;]+);", body)
    return Location(
        prefix,
        root.group(1).strip() if root else "",
        int(answer.group(1)) if answer else 0,
        _unquote(answer.group(2)) if answer else "",
        upstream.group(1).strip() if upstream else "",
        alias.group(1).strip() if alias else "",
    )


def _unquote(text: str) -> str:
    text = text.strip()
    if text[:1] in "'\"" and text[:1]:
        text = text[1:-1]
    return text.replace("\\n", "\n").replace('\\"', '"')


class Nginx(Resident):
    """The official image's process. Reloading is by restart, as configuration is read when asked."""

    name = "nginx"

    def refuse(self, call: Call) -> int | None:
        """A read-only root without a volume for its temporary files stops it at once."""
        if not call.place.services.get("read only"):
            return None
        folder = "/var/cache/nginx/client_temp"
        try:
            call.place.files.make_dir(folder, parents=True)
        except FileError as error:
            number = {"EROFS": 30, "EACCES": 13}.get(error.code, 5)
            call.error(f'{self._stamp(call)} [emerg] 1#1: mkdir() "{folder}" failed ({number}: {error})\n')
            return 1
        return None

    def ports(self, call: Call) -> Sequence[int]:
        return sorted({server.port for server in self._configured(call)})

    def _configured(self, call: Call) -> Sequence[Server]:
        """Return what it starts with: the image's own configuration where no volume can have changed it."""
        image = image_of(call)
        if image is None or call.place.services.get("mounts"):
            return self.servers(call)
        texts = [text for path, text in image.files.items() if path.startswith(CONFIG)]
        return [server for text in texts for server in parse_config(text)] or [DEFAULT]

    def servers(self, call: Call) -> Sequence[Server]:
        try:
            names = [name for name in call.place.files.list(CONFIG) if name.endswith(".conf")]
            texts = [call.place.files.read(f"{CONFIG}/{name}").decode("utf-8", "replace") for name in sorted(names)]
        except FileError:
            return [DEFAULT]
        return [server for text in texts for server in parse_config(text)]

    def announce(self, call: Call) -> None:
        if call.state.get("wrapped"):
            call.write(ENTRYPOINT)
        call.error("".join(f"{self._stamp(call)} [notice] 1#1: {line}\n" for line in self._notices(call)))

    def _notices(self, call: Call) -> list[str]:
        image = image_of(call)
        built = "built by gcc 14.2.0 (Alpine 14.2.0)" if image and image.distribution == "alpine" else ""
        return [
            'using the "epoll" event method',
            f"nginx/{image.version if image else '1.29.4'}",
            built or "built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1)",
            "OS: Linux 6.1.0-44-amd64",
            "getrlimit(RLIMIT_NOFILE): 1048576:1048576",
            "start worker processes",
            "start worker process 29",
        ]

    def _stamp(self, call: Call) -> str:
        return timestamp(call.place.now()).replace("-", "/").replace("T", " ").rstrip("Z")

    def farewell(self, call: Call, signal: str) -> None:
        number = {"TERM": "15 (SIGTERM)", "QUIT": "3 (SIGQUIT)", "INT": "2 (SIGINT)"}.get(signal, signal)
        gently = signal == "QUIT"
        lines = [f"signal {number} received, {'shutting down' if gently else 'exiting'}"]
        lines += ["gracefully shutting down"] if gently else []
        lines.append("exit")
        call.error("".join(f"{self._stamp(call)} [notice] 1#1: {line}\n" for line in lines))

    def address_in_use(self, call: Call, port: int) -> int:
        refusal = f"bind() to 0.0.0.0:{port} failed (98: Address already in use)"
        call.error("".join(f"{self._stamp(call)} [emerg] 1#1: {refusal}\n" for _ in range(5)))
        call.error(f"{self._stamp(call)} [emerg] 1#1: still could not bind()\n")
        return 1

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        server = next((each for each in self.servers(call) if each.port == port), DEFAULT)
        path, _ = path_of(request)
        reply = self._answer(call, server, path, request)
        reply = replace(reply, headers=(("Server", f"nginx/{self._version(call)}"), *reply.headers))
        self._log_access(call, request, path, reply)
        return reply

    def _answer(self, call: Call, server: Server, path: str, request: WebRequest) -> WebReply:
        location = self._location(server, path)
        if location.code:
            return self._returned(call, location)
        if location.upstream:
            return self._proxied(call, location, path, request)
        if request.method not in ("GET", "HEAD"):
            return self._error(call, 405)
        if location.alias:
            return self._static(call, location.alias + path[len(location.prefix) :], server, "")
        return self._static(call, location.root or server.root, server, path)

    def _location(self, server: Server, path: str) -> Location:
        fitting = [each for each in server.locations if path.startswith(each.prefix)]
        return max(fitting, key=lambda each: len(each.prefix), default=Location("/"))

    def _returned(self, call: Call, location: Location) -> WebReply:
        text = location.text.replace("$hostname", call.place.hostname)
        if location.code in (301, 302, 303, 307, 308):
            return replace(self._error(call, location.code), headers=(("Location", text),))
        return text_reply(location.code, text) if text else self._error(call, location.code)

    def _proxied(self, call: Call, location: Location, path: str, request: WebRequest) -> WebReply:
        target = location.upstream
        keeps_path = "/" in target.split("://", 1)[-1]
        url = target + path[len(location.prefix) :] if keeps_path else target + path
        reply = call.place.fetch(replace(request, url=url, client=""))
        if reply.error:
            return self._error(call, 504 if reply.error == "timeout" else 502)
        return replace(reply, hops=())

    def _static(self, call: Call, root: str, server: Server, path: str) -> WebReply:
        candidates = [path] if not path.endswith("/") else [path + name for name in server.index]
        for candidate in candidates:
            try:
                body = call.place.files.read(root + candidate)
            except FileError as error:
                if error.code == "EISDIR":
                    return replace(self._error(call, 301), headers=(("Location", path + "/"),))
                continue
            kind = mimetypes.guess_type(candidate)[0] or "application/octet-stream"
            return text_reply(200, body, kind)
        return self._missing(call, root + candidates[0], directory=path.endswith("/"))

    def _missing(self, call: Call, path: str, *, directory: bool) -> WebReply:
        folder = path.rpartition("/")[0]
        if directory and call.place.files.exists(folder):
            call.error(f'{self._stamp(call)} [error] 29#29: *1 directory index of "{folder}/" is forbidden\n')
            return self._error(call, 403)
        call.error(f'{self._stamp(call)} [error] 29#29: *1 open() "{path}" failed (2: No such file or directory)\n')
        return self._error(call, 404)

    def _version(self, call: Call) -> str:
        image = image_of(call)
        return image.version if image else "1.29.4"

    def _error(self, call: Call, code: int) -> WebReply:
        title = f"{code} {WORDS.get(code, '')}"
        body = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
            f"<hr><center>nginx/{self._version(call)}</center>\r\n</body>\r\n</html>\r\n"
        )
        return text_reply(code, body, "text/html")

    def _log_access(self, call: Call, request: WebRequest, path: str, reply: WebReply) -> None:
        moment = datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
        agent = header(request, "User-Agent") or "-"
        call.write(
            f'{request.client or "127.0.0.1"} - - [{moment}] "{request.method} {path} HTTP/1.1" '
            f'{reply.status} {len(reply.body)} "-" "{agent}" "-"\n'
        )
