"""perl, python and node as courses use them: π to many digits, a file server, a script that stays.

A whole language is not simulated: a script that exists runs as a plain server on the pod's ports.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cluster.workloads.behaviours.plain import Plain
from cluster.workloads.behaviours.resident import Resident, image_of, path_of, text_reply
from cluster.workloads.files import FileError
from cluster.workloads.process import BLOCKED, Call, WebReply, WebRequest


def pi_digits(count: int) -> str:
    """Return π to `count` significant digits (Machin's formula in whole numbers)."""
    scale = 10 ** (count + 10)
    total = 4 * (4 * _arctan_inverse(5, scale) - _arctan_inverse(239, scale))
    digits = str((total + 5 * 10**10) // 10**11) if count > 1 else str(total // 10 ** (count + 9))
    return f"{digits[0]}.{digits[1:count]}" if count > 1 else digits[0]


def _arctan_inverse(x: int, scale: int) -> int:
    term = scale // x
    total, divisor, sign = term, 1, 1
    while term:
        term //= x * x
        divisor += 2
        sign = -sign
        total += sign * (term // divisor)
    return total


class Perl:
    """`perl -Mbignum=bpi -wle 'print bpi(2000)'`, the Job of every course; it takes a few seconds."""

    def run(self, call: Call) -> int | None:
        script = " ".join(call.argv[1:])
        found = re.search(r"bpi\((\d+)\)", script)
        if found is None:
            return self._other(call, script)
        if "until" not in call.state:
            seconds = 0.0 if call.place.services.get("instant") else int(found.group(1)) / 400
            call.state |= {"until": call.place.now() + seconds, "cpu": 1.0}
        if call.state["until"] > call.place.now():
            call.sleep_until(call.state["until"])
            return BLOCKED
        call.write(pi_digits(int(found.group(1))) + "\n")
        return 0

    def _other(self, call: Call, script: str) -> int:
        if "-v" in call.argv[1:]:
            call.write("\nThis is perl 5, version 42, subversion 0 (v5.42.0) built for x86_64-linux-gnu\n")
            return 0
        text = re.search(r"print\s+[\"'](.*?)[\"']", script)
        if text:
            call.write(text.group(1).replace("\\n", "\n"))
            return 0
        call.error("perl: this lab knows only bpi() and print of a text\n")
        return 2

    def signalled(self, call: Call, signal: str) -> int | None:
        return 143

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


class Script(Plain):
    """An interpreter with a script file: stays and answers on the pod's ports; without one it has nothing to do."""

    name = "script"
    version = ""
    missing = "{name}: can't open file '{path}': [Errno 2] No such file or directory\n"

    def refuse(self, call: Call) -> int | None:
        words = [word for word in call.argv[1:] if not word.startswith("-")]
        if any(word in ("--version", "-V", "-v") for word in call.argv[1:]):
            image = image_of(call)
            call.write(f"{self.version}{image.version if image else ''}\n")
            return 0
        if not words:
            return 0
        if not call.place.files.exists(_absolute(call.cwd, words[0])):
            call.error(self.missing.format(name=call.argv[0], path=_absolute(call.cwd, words[0])))
            return 2
        return None


def _absolute(cwd: str, path: str) -> str:
    return path if path.startswith("/") else f"{cwd.rstrip('/')}/{path}"


class Python(Script):
    """`python -m http.server` serves the working directory; other modules and scripts stay silent."""

    name = "python3"
    version = "Python "

    def refuse(self, call: Call) -> int | None:
        if "http.server" in call.argv or "SimpleHTTPServer" in call.argv:
            return None
        return super().refuse(call)

    def ports(self, call: Call) -> Sequence[int]:
        if "http.server" in call.argv:
            numbers = [word for word in call.argv if word.isdigit()]
            return [int(numbers[0])] if numbers else [8000]
        return super().ports(call)

    def announce(self, call: Call) -> None:
        call.state["cwd"] = call.cwd
        if "http.server" in call.argv:
            port = self.ports(call)[0]
            call.write(f"Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...\n")

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        if "http.server" not in call.argv:
            return super().serve(call, port, request)
        path, _ = path_of(request)
        folder = str(call.state.get("cwd", "/")).rstrip("/")
        reply = self._file(call, folder, path)
        call.error(f'{request.client or "127.0.0.1"} - - "{request.method} {path} HTTP/1.1" {reply.status} -\n')
        return reply

    def _file(self, call: Call, folder: str, path: str) -> WebReply:
        files = call.place.files
        try:
            if not path.endswith("/"):
                return text_reply(200, files.read(folder + path), "application/octet-stream")
            if files.exists(f"{folder}{path}index.html"):
                return text_reply(200, files.read(f"{folder}{path}index.html"), "text/html")
            items = "".join(f'<li><a href="{name}">{name}</a></li>\n' for name in files.list(folder + path))
        except FileError:
            return text_reply(404, "Error code: 404\n\nMessage: File not found.\n", "text/html")
        return text_reply(200, f"<h1>Directory listing for {path}</h1>\n<ul>\n{items}</ul>\n", "text/html")


class Node(Script):
    """node with a script."""

    name = "node"
    version = "v"
    missing = "node:internal/modules/cjs/loader:1404\n  throw err;\n  ^\n\nError: Cannot find module '{path}'\n"


class Stress(Resident):
    """stress: takes CPU and memory as told; more memory than the limit ends it."""

    name = "stress"
    stop_code = 143

    def refuse(self, call: Call) -> int | None:
        memory = _bytes(_value(call.argv, "--vm-bytes", "-mem-total")) if self._takes_memory(call) else 0
        call.state["cpu"] = float(_value(call.argv, "--cpu", "-c", "-cpus") or 0) or (1.0 if memory else 0.0)
        call.state["memory"] = memory
        limit = (call.place.services.get("limits") or {}).get("memory")
        if limit and memory > _bytes(str(limit)):
            call.error("stress: FAIL: [1] (415) <-- worker 8 got signal 9\n")
            call.state["reason"] = "OOMKilled"
            return 137
        return None

    def _takes_memory(self, call: Call) -> bool:
        return any(word in call.argv for word in ("--vm", "-m", "-mem-total"))

    def announce(self, call: Call) -> None:
        call.write(f"stress: info: [1] dispatching hogs: {call.state['cpu']:.0f} cpu, 0 io, 1 vm, 0 hdd\n")

    def ports(self, call: Call) -> Sequence[int]:
        return ()


def _value(argv: Sequence[str], *names: str) -> str:
    for index, word in enumerate(argv[:-1]):
        if word in names:
            return argv[index + 1]
    return ""


_UNITS = {"K": 10, "M": 20, "G": 30}


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+)([KMG]?)i?B?", text)
    return int(found.group(1)) << _UNITS.get(found.group(2), 0) if found else 0
