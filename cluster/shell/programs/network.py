"""curl, wget, nslookup, dig, host, nc, ping: requests over the lab's network in the real tools' words."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from cluster.shell.calls import ShellCall
from cluster.shell.programs.program import Options, UsageFault, options
from cluster.workloads.files import FileError
from cluster.workloads.process import WebReply, WebRequest

REASONS = {int(status): status.phrase for status in HTTPStatus}


def _parts(url: str) -> tuple[str, int]:
    """Return host and port of a URL."""
    found = urlsplit(url)
    return found.hostname or "", found.port or (443 if found.scheme == "https" else 80)


def _peer(call: ShellCall, host: str, address: str) -> str:
    """Return the address the tool believes it speaks to: what the name stands for, not the endpoint behind it."""
    if re.fullmatch(r"[\d.]+", host):
        return host
    known = next((value for _, record, value in call.place.lookup(host).records if record == "A"), "")
    return known or address.rpartition(":")[0]


# -- curl ----------------------------------------------------------------------------------------------

_CURL_LONG = (
    "silent:s show-error:S verbose:v include:i head:I location:L insecure:k fail:f output=:o request=:X "
    "header=:H data=:d data-raw=:d data-binary=:d data-urlencode=:U json= max-time=:m connect-timeout= "
    "write-out=:w user=:u user-agent=:A cookie=:b retry= retry-delay= retry-connrefused retry-all-errors "
    "resolve= connect-to= cacert= cert= key= compressed http1.1 http2 no-progress-meter url= get:G "
    "remote-name:O upload-file=:T fail-with-body form=:F referer=:e ipv4:4 no-buffer:N max-redirs= "
    "proxy=:x noproxy= globoff:g path-as-is"
)


def curl(call: ShellCall) -> int | None:
    state = call.state
    found = options(call, "sSvIiLkfgGON46#qaRnj", "oXHdmwuAbTFexUC", _CURL_LONG, 2)
    urls = [*found.operands, *found.all.get("url", ())]
    if "version" in found:
        call.write("curl 8.14.1 (x86_64-pc-linux-gnu)\n")
        return 0
    if not urls:
        call.error("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
        return 2
    if _needs_stdin(found) and "body" not in state:
        data = call.read()
        while data:
            state["given"] = state.get("given", "") + data.decode("latin-1")
            data = call.read()
        if data is None:
            return None
        state["body"] = state.get("given", "")
    while state.get("url", 0) < len(urls):
        if state.get("until", 0) > call.place.now():
            call.sleep_until(state["until"])
            return None
        code = _curl_one(call, found, urls[state.get("url", 0)])
        if code is None:
            return None
        state["code"] = code
        state["url"] = state.get("url", 0) + 1
    return int(state["code"])


def _needs_stdin(found: Options) -> bool:
    return (
        any(value == "@-" for value in [*found.all.get("d", ()), *found.all.get("json", ())]) or found.get("T") == "-"
    )


def _curl_one(call: ShellCall, found: Options, url: str) -> int | None:
    """Fetch one URL: ask, wait as long as it takes on the virtual clock, then tell."""
    state = call.state
    if "reply" not in state:
        if "://" not in url:
            url = "http://" + url
        if urlsplit(url).scheme not in ("http", "https"):
            call.error(f'curl: (1) Protocol "{urlsplit(url).scheme}" not supported\n')
            return 1
        request = _curl_request(call, found, str(state.get("next_url") or url))
        reply = call.place.fetch(request)
        state["reply"] = _kept(request, reply)
        if reply.seconds > 0:
            state["until"] = call.place.now() + reply.seconds
            call.sleep_until(state["until"])
            return None
    held = state.pop("reply")
    state.pop("until", None)
    again = _retry(call, found, held)
    if again is not None:
        state["until"] = call.place.now() + again
        call.sleep_until(state["until"])
        return None
    target = _redirected(found, held)
    if target and state.get("hops", 0) < int(found.get("max-redirs", "50")):
        state["hops"] = state.get("hops", 0) + 1
        state["next_url"] = target
        if "v" in found:
            _verbose(call, held)
        if "i" in found or "I" in found:
            call.write(_head(held))
        return _curl_one(call, found, url)
    return _curl_show(call, found, held)


def _kept(request: WebRequest, reply: WebReply) -> dict[str, Any]:
    """Return request and reply as data for the call's state."""
    return {
        "url": request.url,
        "method": request.method,
        "sent": [list(pair) for pair in request.headers],
        "status": reply.status,
        "headers": [list(pair) for pair in reply.headers],
        "body": reply.body.decode("latin-1"),
        "error": reply.error,
        "address": reply.address,
        "seconds": reply.seconds,
        "timeout": request.timeout,
        "size": len(request.body),
    }


def _curl_request(call: ShellCall, found: Options, url: str) -> WebRequest:
    headers = [("User-Agent", found.get("A", "curl/8.14.1")), ("Accept", "*/*")]
    if "u" in found:
        headers.append(("Authorization", "Basic " + base64.b64encode(found.get("u").encode()).decode()))
    if "b" in found:
        headers.append(("Cookie", found.get("b")))
    body, kind = _curl_body(call, found)
    if body is not None and "G" in found:
        url += ("&" if "?" in url else "?") + body.decode()
        body = None
    if body is not None:
        headers.append(("Content-Type", kind))
    for text in found.all.get("H", ()):
        name, colon, value = text.partition(":")
        headers = [pair for pair in headers if pair[0].lower() != name.strip().lower()]
        if value.strip() or not colon:
            headers.append((name.strip(), value.strip()))
    method = found.get("X") or (
        "HEAD" if "I" in found else "POST" if body is not None else "PUT" if "T" in found else "GET"
    )
    limits = [float(found.get(name) or 0) for name in ("m", "connect-timeout")]
    resolve = tuple(_resolve(text) for text in found.all.get("resolve", ()))
    if not urlsplit(url).path:
        url = re.sub(r"^(\w+://[^/?#]+)", r"\1/", url)
    limit = min((one for one in limits if one), default=0.0)
    return WebRequest(method, url, tuple(headers), body or b"", limit, resolve, "k" in found)


def _resolve(text: str) -> tuple[str, str]:
    host, port, address = (text.lstrip("+").split(":", 2) + ["", ""])[:3]
    return f"{host}:{port}", address


def _curl_body(call: ShellCall, found: Options) -> tuple[bytes | None, str]:
    if "json" in found:
        return _data(call, found.get("json")), "application/json"
    if "T" in found:
        return _data(call, "@" + found.get("T")), "application/octet-stream"
    pieces = [_data(call, text) for text in found.all.get("d", ())]
    for text in found.all.get("U", ()):
        name, mark, value = text.partition("=")
        pieces.append(f"{name}={quote(value, safe='')}".encode() if mark else quote(name, safe="").encode())
    if "F" in found:
        return "\r\n".join(found.all["F"]).encode(), "multipart/form-data; boundary=------------------------x"
    return (b"&".join(pieces) if pieces else None), "application/x-www-form-urlencoded"


def _data(call: ShellCall, text: str) -> bytes:
    if not text.startswith("@"):
        return text.encode()
    if text == "@-":
        return str(call.state.get("body", "")).encode("latin-1")
    try:
        return call.place.files.read(call.path(text[1:]))
    except FileError:
        raise UsageFault(
            f"curl: option -d: error encountered when reading a file\ncurl: (26) Failed to open {text[1:]}\n", 26
        ) from None


def _retry(call: ShellCall, found: Options, held: dict[str, Any]) -> float | None:
    """Return how long to wait before asking again; None to go on."""
    tries = call.state.get("tries", 0)
    passing = held["status"] in (408, 429, 500, 502, 503, 504) or held["error"] == "timeout"
    passing = passing or (held["error"] == "refused" and ("retry-connrefused" in found or "retry-all-errors" in found))
    passing = passing or (bool(held["error"]) and "retry-all-errors" in found)
    if not passing or tries >= int(found.get("retry", "0")):
        return None
    call.state["tries"] = tries + 1
    return float(found.get("retry-delay") or 2**tries)


def _redirected(found: Options, held: dict[str, Any]) -> str:
    if "L" not in found or held["status"] not in (301, 302, 303, 307, 308):
        return ""
    headers = {str(name).lower(): str(value) for name, value in held["headers"]}
    target = headers.get("location", "")
    if target.startswith("/"):
        base = urlsplit(str(held["url"]))
        return f"{base.scheme}://{base.netloc}{target}"
    return target


def _curl_error(held: dict[str, Any]) -> tuple[int, str]:
    host, port = _parts(str(held["url"]))
    spent = int(float(str(held["seconds"])) * 1000)
    return {
        "nxdomain": (6, f"Could not resolve host: {host}"),
        "refused": (7, f"Failed to connect to {host} port {port} after {spent} ms: Could not connect to server"),
        "unreachable": (7, f"Failed to connect to {host} port {port} after {spent} ms: Could not connect to server"),
        "timeout": (
            28,
            f"Connection timed out after {spent} milliseconds"
            if held["timeout"]
            else f"Failed to connect to {host} port {port} after {spent} ms: Could not connect to server",
        ),
        "tls": (60, "SSL certificate problem: unable to get local issuer certificate"),
        "reset": (56, "Recv failure: Connection reset by peer"),
        "empty": (52, "Empty reply from server"),
    }[str(held["error"])]


def _head(held: dict[str, Any]) -> str:
    status = int(str(held["status"]))
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, '')}".rstrip()]
    lines += [f"{name}: {value}" for name, value in held["headers"]]
    return "".join(line + "\r\n" for line in lines) + "\r\n"


def _verbose(call: ShellCall, held: dict[str, Any]) -> None:
    host, port = _parts(str(held["url"]))
    target = urlsplit(str(held["url"]))
    address = _peer(call, host, str(held["address"]))
    if address and address != host:
        call.error(f"* Host {host}:{port} was resolved.\n* IPv6: (none)\n* IPv4: {address}\n")
    call.error(f"*   Trying {address or host}:{port}...\n")
    if held["error"]:
        return
    call.error(f"* Connected to {host} ({address}) port {port}\n")
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    call.error(f"> {held['method']} {path} HTTP/1.1\r\n> Host: {target.netloc}\r\n")
    for name, value in held["sent"]:
        if str(name).lower() != "host":
            call.error(f"> {name}: {value}\r\n")
    if held["size"]:
        call.error(f"> Content-Length: {held['size']}\r\n")
    call.error("> \r\n")
    for line in _head(held).split("\r\n")[:-1]:
        call.error(f"< {line}\r\n")
    call.error(f"* Connection #0 to host {host} left intact\n")


def _curl_show(call: ShellCall, found: Options, held: dict[str, Any]) -> int:
    if "v" in found:
        _verbose(call, held)
    body = str(held["body"]).encode("latin-1")
    status = int(str(held["status"]))
    code = 0
    message = ""
    if held["error"]:
        code, message = _curl_error(held)
        if held["error"] == "tls":
            message += (
                "\nMore details here: https://curl.se/docs/sslcerts.html\n\n"
                "curl failed to verify the legitimacy of the server and therefore could not\n"
                "establish a secure connection to it. To learn more about this situation and\n"
                "how to fix it, please visit the webpage mentioned above."
            )
    elif status >= 400 and ("f" in found or "fail-with-body" in found):
        code, message = 22, f"The requested URL returned error: {status}"
    if not held["error"]:
        if "i" in found or "I" in found:
            call.write(_head(held))
        if "I" not in found and (code == 0 or "fail-with-body" in found):
            _deliver(call, found, str(held["url"]), body)
    if "w" in found:
        call.write(_write_out(found.get("w"), held, code))
    if message and ("s" not in found or "S" in found):
        call.error(f"curl: ({code}) {message}\n")
    return code


def _deliver(call: ShellCall, found: Options, url: str, body: bytes) -> None:
    name = found.get("o") or (url.rstrip("/").rpartition("/")[2] if "O" in found else "")
    if not name or name == "-":
        call.write(body)
        return
    if "s" not in found:
        call.error(
            "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
            "                                 Dload  Upload   Total   Spent    Left  Speed\n"
            f"100 {len(body):5d}  100 {len(body):5d}    0     0  {len(body):5d}      0 "
            f"--:--:-- --:--:-- --:--:-- {len(body):5d}\n"
        )
    if name != "/dev/null":
        call.place.files.write(call.path(name), body)


def _write_out(text: str, held: dict[str, Any], code: int) -> str:
    values = {
        "http_code": f"{held['status']:03d}",
        "response_code": f"{held['status']:03d}",
        "time_total": f"{held['seconds']:.6f}",
        "time_connect": f"{held['seconds']:.6f}",
        "size_download": str(len(str(held["body"]))),
        "remote_ip": str(held["address"]).rpartition(":")[0],
        "remote_port": str(held["address"]).rpartition(":")[2],
        "url_effective": str(held["url"]),
        "exitcode": str(code),
        "method": str(held["method"]),
        "content_type": next((str(v) for k, v in held["headers"] if str(k).lower() == "content-type"), ""),
    }
    text = re.sub(r"%\{(\w+)\}", lambda match: values.get(match.group(1), ""), text)
    return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r")


# -- wget ----------------------------------------------------------------------------------------------

_WGET_LONG = (
    "quiet:q output-document=:O timeout=:T tries=:t spider:S no-check-certificate:k header=:H post-data=:D "
    "server-response:V user-agent=:U directory-prefix=:P no-verbose:nv continue:c"
)


def wget(call: ShellCall) -> int | None:
    state = call.state
    words = [word if word != "-nv" else "--no-verbose" for word in call.argv[1:]]
    call.argv = [call.argv[0], *words]
    found = options(call, "qcSk", "OTtPU", _WGET_LONG, 1 if call.applet() else 2)
    if not found.operands:
        raise UsageFault("wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n")
    url = found.operands[0]
    url = url if "://" in url else "http://" + url
    if not urlsplit(url).path:
        url += "/"
    if "reply" not in state:
        agent = "Wget" if call.applet() else "Wget/1.25.0"
        headers = [("User-Agent", found.get("U", agent)), ("Accept", "*/*")]
        headers += [
            (name, value.strip()) for name, _, value in (text.partition(":") for text in found.all.get("H", ()))
        ]
        body = found.get("D").encode()
        limit = float(found.get("T") or 0)
        method = "POST" if body else "HEAD" if "S" in found and not call.applet() else "GET"
        request = WebRequest(method, url, tuple(headers), body, limit, (), "k" in found)
        reply = call.place.fetch(request)
        state["reply"] = _kept(request, reply)
        state["until"] = call.place.now() + reply.seconds
    if call.place.now() < state["until"]:
        call.sleep_until(state["until"])
        return None
    return (_wget_busybox if call.applet() else _wget_gnu)(call, found, url, state["reply"])


def _file_name(found: Options, url: str) -> str:
    return found.get("O") or urlsplit(url).path.rpartition("/")[2] or "index.html"


def _wget_busybox(call: ShellCall, found: Options, url: str, held: dict[str, Any]) -> int:
    host, port = _parts(url)
    if held["error"] == "nxdomain":
        call.error(f"wget: bad address '{host}'\n")
        return 1
    loud = "q" not in found
    address = f"{_peer(call, host, str(held['address'])) or host}:{port}" if loud or held["error"] else ""
    if loud:
        call.error(f"Connecting to {host if port == 80 else f'{host}:{port}'} ({address})\n")
    if held["error"]:
        words = {
            "refused": f"can't connect to remote host ({address.rpartition(':')[0]}): Connection refused",
            "timeout": "download timed out",
            "unreachable": f"can't connect to remote host ({address.rpartition(':')[0]}): No route to host",
        }
        call.error(f"wget: {words.get(str(held['error']), 'error getting response')}\n")
        return 1
    status = int(str(held["status"]))
    if status >= 400:
        call.error(f"wget: server returned error: HTTP/1.1 {status} {REASONS.get(status, '')}\n")
        return 1
    if "S" in found and "q" not in found:
        call.error("remote file exists\n")
        return 0
    return _wget_save(call, found, url, held, busybox=True)


def _wget_save(call: ShellCall, found: Options, url: str, held: dict[str, Any], *, busybox: bool) -> int:
    name, body = _file_name(found, url), str(held["body"]).encode("latin-1")
    if name == "-":
        call.write(body)
        if busybox and "q" not in found:
            call.error(_bar("-", len(body)) + "written to stdout\n")
        return 0
    if busybox and "O" not in found and call.place.files.exists(call.path(name)):
        call.error(f"wget: can't open '{name}': File exists\n")
        return 1
    if name != "/dev/null":
        call.place.files.write(call.path(name), body)
    if busybox and "q" not in found:
        call.error(f"saving to '{name}'\n{_bar(name, len(body))}'{name}' saved\n")
    return 0


def _bar(name: str, size: int) -> str:
    return f"{name[:20]:<20} 100% |{'*' * 32}| {size:5d}  0:00:00 ETA\n"


def _wget_gnu(call: ShellCall, found: Options, url: str, held: dict[str, Any]) -> int:
    host, port = _parts(url)
    when = datetime.fromtimestamp(call.place.now(), timezone.utc)
    say = (lambda text: None) if "q" in found else call.error
    say(f"--{when:%Y-%m-%d %H:%M:%S}--  {url}\n")
    address = _peer(call, host, str(held["address"])) or host
    if held["error"] == "nxdomain":
        say(
            f"Resolving {host} ({host})... failed: Name or service not known.\n"
            f"wget: unable to resolve host address '{host}'\n"
        )
        return 4
    if address != host:
        say(f"Resolving {host} ({host})... {address}\n")
    say(
        f"Connecting to {host} ({host})|{address}|:{port}... "
        if address != host
        else f"Connecting to {host}:{port}... "
    )
    if held["error"]:
        words = {"refused": "Connection refused", "timeout": "Connection timed out", "unreachable": "No route to host"}
        say(f"failed: {words.get(str(held['error']), 'Connection reset by peer')}.\n")
        return 4
    status = int(str(held["status"]))
    say(f"connected.\nHTTP request sent, awaiting response... {status} {REASONS.get(status, '')}\n")
    if status >= 400:
        say(f"{when:%Y-%m-%d %H:%M:%S} ERROR {status}: {REASONS.get(status, '')}.\n\n")
        return 8
    if "S" in found:
        say("Remote file exists.\n\n")
        return 0
    name, size = _file_name(found, url), len(str(held["body"]))
    kind = next((str(v) for k, v in held["headers"] if str(k).lower() == "content-type"), "text/plain")
    shown = "STDOUT" if name == "-" else name
    say(f"Length: {size} [{kind.split(';')[0]}]\nSaving to: '{shown}'\n\n")
    _wget_save(call, found, url, held, busybox=False)
    say(f"\n{shown:<20}100%[{'=' * 19}>] {size:7d}  --.-KB/s    in 0s\n\n")
    saved = "written to stdout" if name == "-" else f"'{name}' saved"
    say(f"{when:%Y-%m-%d %H:%M:%S} (1.00 MB/s) - {saved} [{size}/{size}]\n\n")
    return 0


# -- names ---------------------------------------------------------------------------------------------


def nslookup(call: ShellCall) -> int | None:
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    kind = next((word.partition("=")[2].upper() for word in call.argv[1:] if re.match(r"-(query)?type=", word)), "A")
    if not words:
        raise UsageFault("Usage: nslookup [-type=QUERY_TYPE] HOST [DNS_SERVER]\n")
    name = words[0]
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        kind = "PTR"
    found = call.place.lookup(name, kind)
    if found.error == "TIMEOUT":
        call.write(";; connection timed out; no servers could be reached\n\n")
        return 1
    call.write(f"Server:\t\t{found.server}\nAddress:\t{found.server}{':' if call.applet() else '#'}53\n\n")
    if found.error or not found.records:
        code = found.error or "NXDOMAIN"
        call.write(f"** server can't find {found.name or name}: {code}\n\n")
        return 1
    for owner, record, value in found.records:
        call.write(_nslookup_row(call, owner, record, value))
    call.write("\n")
    return 0


def _nslookup_row(call: ShellCall, owner: str, record: str, value: str) -> str:
    if record in ("A", "AAAA"):
        return f"Name:\t{owner}\nAddress: {value}\n"
    words = {"CNAME": "canonical name", "PTR": "name", "SRV": "service", "TXT": "text", "NS": "nameserver"}
    return f"{owner}\t{words.get(record, record)} = {value}\n"


def dig(call: ShellCall) -> int | None:
    words = list(call.argv[1:])
    short = "+short" in words
    rest = [word for word in words if not word.startswith(("+", "@", "-"))]
    kinds = {"A", "AAAA", "SRV", "CNAME", "PTR", "TXT", "NS", "MX", "ANY", "SOA"}
    kind = next((word.upper() for word in rest if word.upper() in kinds), "PTR" if "-x" in words else "A")
    name = next((word for word in rest if word.upper() not in kinds), ".")
    fqdn = name.rstrip(".") + "." if "+search" not in words else name
    found = call.place.lookup(fqdn, kind)
    if found.error == "TIMEOUT":
        call.write(
            f"\n; <<>> DiG 9.20.9 <<>> {' '.join(words)}\n;; global options: +cmd\n;; no servers could be reached\n"
        )
        return 9
    if short:
        call.write("".join(value + "\n" for _, _, value in found.records))
        return 0
    status = "NXDOMAIN" if found.error == "NXDOMAIN" else found.error or "NOERROR"
    count = len(found.records)
    call.write(
        f"\n; <<>> DiG 9.20.9 <<>> {' '.join(words)}\n;; global options: +cmd\n;; Got answer:\n"
        f";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 4711\n"
        f";; flags: qr aa rd; QUERY: 1, ANSWER: {count}, AUTHORITY: 0, ADDITIONAL: 1\n\n"
        f";; QUESTION SECTION:\n;{fqdn}\t\tIN\t{kind}\n\n"
    )
    if found.records:
        call.write(";; ANSWER SECTION:\n")
        for owner, record, value in found.records:
            call.write(f"{owner.rstrip('.')}.\t30\tIN\t{record}\t{value}\n")
        call.write("\n")
    call.write(f";; Query time: 0 msec\n;; SERVER: {found.server}#53({found.server}) (UDP)\n\n")
    return 0


def host(call: ShellCall) -> int | None:
    words = [word for word in call.argv[1:] if not word.startswith("-")]
    if not words:
        raise UsageFault("Usage: host [-t type] {name} [server]\n")
    found = call.place.lookup(words[0])
    if found.error or not found.records:
        call.write(f"Host {words[0]} not found: 3({found.error or 'NXDOMAIN'})\n")
        return 1
    for owner, record, value in found.records:
        what = {"A": "has address", "AAAA": "has IPv6 address", "CNAME": "is an alias for"}.get(record, "has record")
        call.write(f"{owner.rstrip('.')} {what} {value}\n")
    return 0


def getent(call: ShellCall) -> int | None:
    words = call.argv[1:]
    if len(words) > 1 and words[0] in ("hosts", "ahosts"):
        found = call.place.lookup(words[1])
        for owner, record, value in found.records:
            if record == "A":
                call.write(f"{value:<16}{owner}\n")
        return 0 if found.records else 2
    if words and words[0] == "passwd":
        call.write(call.place.files.read("/etc/passwd"))
        return 0
    return 2


# -- nc, ping --------------------------------------------------------------------------------------------


_SERVICES = {22: "ssh", 53: "domain", 80: "http", 443: "https", 3306: "mysql", 5432: "postgresql", 6379: "redis"}


def _reach(call: ShellCall, target: str, port: int, limit: float) -> WebReply:
    """Open a connection without asking for anything: what matters is whether somebody answers."""
    return call.place.fetch(WebRequest("CONNECT", f"tcp://{target}:{port}", (), b"", limit))


def nc(call: ShellCall) -> int | None:
    state = call.state
    found = options(call, "vzlknutU46N", "wpiqes")
    operands = found.operands
    if "l" in found:
        return _listen(call, int(found.get("p") or (operands[-1] if operands else "0")))
    if len(operands) < 2 or not operands[1].isdigit():
        raise UsageFault(
            "usage: nc [-46CDdFhklNnrStUuvZz] [-w timeout] destination port\n"
            if not call.applet()
            else "BusyBox v1.37.0 multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT\n"
        )
    target, port = operands[0], int(operands[1])
    if "answer" not in state:
        reply = _reach(call, target, port, float(found.get("w") or 0))
        state["answer"] = [reply.error, reply.address, reply.seconds]
        state["until"] = call.place.now() + reply.seconds
    if call.place.now() < state["until"]:
        call.sleep_until(state["until"])
        return None
    return _nc_told(call, found, target, port)


def _nc_told(call: ShellCall, found: Options, target: str, port: int) -> int:
    error, address, _ = call.state["answer"]
    numeric = _peer(call, target, str(address)) or target
    shown = target if numeric == target else f"{target} ({numeric})"
    words = {"refused": "Connection refused", "timeout": "Connection timed out", "unreachable": "No route to host"}
    if error == "nxdomain":
        if call.applet():
            call.error(f"nc: bad address '{target}'\n")
        else:
            call.error(f'nc: getaddrinfo for host "{target}" port {port}: Name or service not known\n')
        return 1
    if error and error not in ("empty", "reset", "tls"):
        if call.applet():
            if "v" in found or error != "refused":
                call.error(f"nc: {target} ({numeric}:{port}): {words.get(error, error)}\n")
        elif "v" in found:
            call.error(f"nc: connect to {shown} port {port} (tcp) failed: {words.get(error, error)}\n")
        return 1
    if "v" in found:
        if call.applet():
            call.error(f"{target} ({numeric}:{port}) open\n")
        else:
            call.error(f"Connection to {shown} {port} port [tcp/{_SERVICES.get(port, '*')}] succeeded!\n")
    return 0


def _listen(call: ShellCall, port: int) -> int | None:
    if "port" not in call.state:
        call.state["port"] = port
        call.place.listen(port, "nc", call.state)
    for text in call.state.pop("heard", ()):
        call.write(text)
    if call.state.get("over"):
        return 0
    return None


def serve_nc(call: ShellCall, port: int, request: WebRequest) -> WebReply:
    """Show what was asked and answer what stands in standard input, as `echo … | nc -l` does."""
    if call.state.get("port") != port:
        return WebReply(error="refused")
    target = urlsplit(request.url)
    lines = [f"{request.method} {target.path or '/'} HTTP/1.1", f"Host: {target.netloc}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    call.state["heard"] = ["\r\n".join(lines) + "\r\n\r\n"]
    call.state["over"] = "k" not in "".join(call.argv[1:2])
    call.again()
    data = (call.read() or b"").decode("latin-1")
    head, _, body = data.replace("\r\n", "\n").partition("\n\n")
    match = re.match(r"HTTP/1\.\d (\d+)", head)
    if not match:
        return WebReply(error="empty" if not data else "reset")
    headers = tuple(tuple(line.split(": ", 1)) for line in head.split("\n")[1:] if ": " in line)
    return WebReply(int(match.group(1)), headers, body.encode("latin-1"))  # type: ignore[arg-type]


def ping(call: ShellCall) -> int | None:
    state = call.state
    found = options(call, "qn46aAfv", "cWwistI", "", 2)
    if not found.operands:
        raise UsageFault("ping: usage error: Destination address required\n")
    target = found.operands[0]
    if "address" not in state:
        state.update(address=_ping_address(call, target), sent=0, got=0, next=call.place.now(), began=call.place.now())
        if not state["address"]:
            call.error(
                f"ping: bad address '{target}'\n" if call.applet() else f"ping: {target}: Name or service not known\n"
            )
            return 1 if call.applet() else 2
        call.write(
            f"PING {target} ({state['address']}): 56 data bytes\n"
            if call.applet()
            else f"PING {target} ({state['address']}) 56(84) bytes of data.\n"
        )
    limit = int(found.get("c", "0"))
    while call.place.now() >= state["next"] and not (limit and state["sent"] >= limit):
        _ping_once(call, target)
        state["next"] += float(found.get("i", "1"))
    if limit and state["sent"] >= limit:
        return ping_summary(call, target)
    call.sleep_until(state["next"])
    return None


def _ping_address(call: ShellCall, target: str) -> str:
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", target):
        return target
    if target in ("localhost", call.place.hostname):
        return "127.0.0.1"
    return next((value for _, record, value in call.place.lookup(target).records if record == "A"), "")


def _ping_once(call: ShellCall, target: str) -> None:
    state = call.state
    state["sent"] += 1
    reply = call.place.fetch(WebRequest("PING", f"icmp://{state['address']}", (), b"", 1.0))
    if reply.error and reply.error != "refused":
        return
    state["got"] += 1
    number = state["sent"] - 1 if call.applet() else state["sent"]
    key = "seq" if call.applet() else "icmp_seq"
    call.write(f"64 bytes from {state['address']}: {key}={number} ttl=63 time=0.0{40 + state['sent'] * 7 % 50} ms\n")


def ping_summary(call: ShellCall, target: str) -> int:
    state = call.state
    loss = 100 * (state["sent"] - state["got"]) // max(state["sent"], 1)
    call.write(f"\n--- {target} ping statistics ---\n")
    if call.applet():
        call.write(f"{state['sent']} packets transmitted, {state['got']} packets received, {loss}% packet loss\n")
        call.write("round-trip min/avg/max = 0.047/0.061/0.082 ms\n" if state["got"] else "")
    else:
        spent = int((call.place.now() - state["began"]) * 1000)
        call.write(
            f"{state['sent']} packets transmitted, {state['got']} received, {loss}% packet loss, time {spent}ms\n"
        )
        call.write("rtt min/avg/max/mdev = 0.047/0.061/0.082/0.014 ms\n" if state["got"] else "\n")
    return 0 if state["got"] else 1
