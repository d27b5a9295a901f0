"""redis-server and redis-cli: strings, counters, lists and hashes, leader and followers, a dump in /data.

A request is one command line in the body of a `redis://` request, or RESP in that of a `tcp://` one. A
follower asks its leader at each read (a real one keeps a copy). Left out: expiry by time, transactions, cluster
and sentinel.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import unquote

from cluster.workloads.behaviours import resp
from cluster.workloads.behaviours.resident import Resident, image_of
from cluster.workloads.files import FileError
from cluster.workloads.process import Call, WebReply, WebRequest

PORT = 6379
SENTINEL_PORT = 26379
DUMP = "/data/dump.rdb"
Data = dict[str, Any]


def _get(data: Data, key: str) -> Any:
    return data.get(key)


def _set(data: Data, key: str, value: str, *options: str) -> str:
    data[key] = value
    return "OK"


def _delete(data: Data, *keys: str) -> int:
    return sum(data.pop(key, None) is not None for key in keys)


def _increase(data: Data, key: str, amount: str = "1") -> int:
    data[key] = str(int(data.get(key, "0")) + int(amount))
    return int(data[key])


def _push(data: Data, key: str, *values: str) -> int:
    data[key] = [*data.get(key, []), *values]
    return len(data[key])


def _push_left(data: Data, key: str, *values: str) -> int:
    data[key] = [*reversed(values), *data.get(key, [])]
    return len(data[key])


def _range(data: Data, key: str, start: str, stop: str) -> list[str]:
    values = data.get(key, [])
    end = int(stop)
    return list(values[int(start) : None if end == -1 else end + 1])


def _hash_set(data: Data, key: str, *pairs: str) -> int:
    table = data.setdefault(key, {})
    before = len(table)
    table.update(zip(pairs[::2], pairs[1::2], strict=False))
    return len(table) - before


def _hash_get(data: Data, key: str, field: str) -> Any:
    return data.get(key, {}).get(field)


COMMANDS: Mapping[str, tuple[Callable[..., Any], bool]] = {  # name → (what it does, whether it writes)
    "GET": (_get, False),
    "SET": (_set, True),
    "DEL": (_delete, True),
    "INCR": (_increase, True),
    "INCRBY": (_increase, True),
    "RPUSH": (_push, True),
    "LPUSH": (_push_left, True),
    "LRANGE": (_range, False),
    "HSET": (_hash_set, True),
    "HGET": (_hash_get, False),
    "KEYS": (lambda data, pattern="*": sorted(data), False),
    "EXISTS": (lambda data, *keys: sum(key in data for key in keys), False),
    "DBSIZE": (lambda data: len(data), False),
    "FLUSHALL": (lambda data: (data.clear(), "OK")[1], True),
}


REPLIES: Mapping[str, Callable[[list[str]], Any]] = {  # what every connection is told
    "PING": lambda words: words[0] if words else "PONG",
    "ECHO": lambda words: words[0] if words else "",
    "SELECT": lambda words: "OK",
    "CLIENT": lambda words: "OK",
    "COMMAND": lambda words: [],
}


def spell(value: Any) -> str:
    """Return a reply as redis-cli prints it to a terminal."""
    if value is None:
        return "(nil)"
    if isinstance(value, int):
        return f"(integer) {value}"
    if isinstance(value, list):
        lines = [f'{number}) "{one}"' for number, one in enumerate(value, 1)]
        return "\n".join(lines) or "(empty array)"
    return str(value) if value in ("OK", "PONG") else f'"{value}"'


class Redis(Resident):
    """The server."""

    name = "redis-server"

    def ports(self, call: Call) -> Sequence[int]:
        usual = SENTINEL_PORT if call.environ.get("SENTINEL") == "true" else PORT
        return [int(_option(call.argv, "--port") or usual)]

    def leader(self, call: Call) -> str:
        """Return host:port of the leader this one follows, '' for none."""
        for word in ("--replicaof", "--slaveof"):
            if word in call.argv:
                where = call.argv[call.argv.index(word) + 1 :]
                pair = where[0].split() if " " in where[0] else where
                return f"{pair[0]}:{pair[1] if len(pair) > 1 else PORT}"
        return str((image_settings(call)).get("leader", ""))

    def announce(self, call: Call) -> None:
        image = image_of(call)
        version = image.version if image else "8.2.1"
        lines = [
            ("C", "* oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo"),
            ("C", f"* Redis version={version}, bits=64, commit=00000000, modified=0, pid=1, just started"),
            ("M", f"* Running mode=standalone, port={self.ports(call)[0]}."),
            ("M", "* Server initialized"),
            ("M", "* Ready to accept connections tcp"),
        ]
        if self.leader(call):
            lines[4:] = [
                ("S", "* Ready to accept connections tcp"),
                ("S", f"* Connecting to MASTER {self.leader(call)}"),
            ]
        call.write("".join(f"1:{role} {_moment(call)} {text}\n" for role, text in lines))
        call.state["data"] = self._load(call)

    def _load(self, call: Call) -> Data:
        try:
            found: Data = json.loads(call.place.files.read(DUMP))
        except (FileError, ValueError):
            return {}
        return found

    def farewell(self, call: Call, signal: str) -> None:
        lines = ("* User requested shutdown...", "# Redis is now ready to exit, bye bye...")
        call.write("".join(f"1:signal-handler {_moment(call)} {text}\n" for text in lines))

    raw = True

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        if request.url.startswith("tcp://"):
            return WebReply(200, body=b"".join(map(resp.encode, self._wire_answers(call, request.body))))
        if not request.url.startswith("redis://"):
            return WebReply(error="empty")
        words = shlex.split(request.body.decode("utf-8", "replace"))
        return WebReply(200, body=self._answer(call, words).encode(), headers=())

    def _wire_answers(self, call: Call, data: bytes) -> Iterator[Any]:
        try:
            for words in resp.commands(data):
                value = self._value(call, words)
                yield resp.Status(value) if value in ("OK", "PONG") and words[0].upper() != "GET" else value
        except (ValueError, IndexError):
            yield resp.Failure("ERR Protocol error")

    def _answer(self, call: Call, words: list[str]) -> str:
        """Return a value as the body of a `redis://` request has it: redis-cli prints it so to a pipe."""
        value = self._value(call, words)
        if isinstance(value, resp.Failure):
            return f"(error) {value}"
        return value if isinstance(value, str) else "" if value is None else spell(value)

    def _value(self, call: Call, words: list[str]) -> Any:
        name = words[0].upper() if words else ""
        if name in REPLIES:
            return REPLIES[name](words[1:])
        if name in ("INFO", "ROLE"):
            return self._info(call)
        if name not in COMMANDS:
            return resp.Failure(f"ERR unknown command '{words[0] if words else ''}'")
        leader = self.leader(call)
        act, writes = COMMANDS[name]
        if leader:
            return self._follow(call, leader, words, writes=writes)
        try:
            value = act(call.state["data"], *(unquote(word) for word in words[1:]))
        except (TypeError, ValueError, AttributeError):
            return resp.Failure(f"ERR wrong number of arguments for '{name.lower()}' command")
        if writes:
            self._save(call)
        return value

    def _follow(self, call: Call, leader: str, words: list[str], *, writes: bool) -> str:
        if writes:
            return resp.Failure("READONLY You can't write against a read only replica.")
        reply = call.place.fetch(
            WebRequest("REDIS", f"redis://{leader}/", body=shlex.join(words).encode(), timeout=2.0)
        )
        return "" if reply.error else reply.body.decode("utf-8", "replace")

    def _save(self, call: Call) -> None:
        if "/data" in (call.place.services.get("mounts") or ()):
            call.place.files.write(DUMP, json.dumps(call.state["data"]).encode())

    def _info(self, call: Call) -> str:
        leader = self.leader(call)
        if not leader:
            return "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"
        host, _, port = leader.rpartition(":")
        up = not call.place.fetch(WebRequest("REDIS", f"redis://{leader}/", body=b"PING", timeout=2.0)).error
        state = "up" if up else "down"
        return (
            f"# Replication\r\nrole:slave\r\nmaster_host:{host}\r\nmaster_port:{port}\r\nmaster_link_status:{state}\r\n"
        )


def image_settings(call: Call) -> Mapping[str, Any]:
    image = image_of(call)
    return image.settings if image else {}


def _option(argv: Sequence[str], name: str) -> str:
    return argv[argv.index(name) + 1] if name in argv and argv.index(name) + 1 < len(argv) else ""


def _moment(call: Call) -> str:
    return datetime.fromtimestamp(call.place.now(), timezone.utc).strftime("%d %b %Y %H:%M:%S.%f")[:-3]


class RedisCli:
    """redis-cli: one command from its arguments, or one per line of standard input."""

    def run(self, call: Call) -> int | None:
        words = list(call.argv[1:])
        host = _option(words, "-h") or "127.0.0.1"
        port = _option(words, "-p") or str(PORT)
        command = _without_options(words)
        if command:
            return self._ask(call, host, port, shlex.join(command))
        return self._lines(call, host, port)

    def _lines(self, call: Call, host: str, port: str) -> int | None:
        data = call.read()
        if data is None:
            call.wait_input()
            return None
        for line in data.decode("utf-8", "replace").splitlines():
            if line.strip() in ("exit", "quit"):
                return 0
            if line.strip():
                self._ask(call, host, port, line)
        if not data:
            return 0
        call.wait_input()
        return None

    def _ask(self, call: Call, host: str, port: str, command: str) -> int:
        reply = call.place.fetch(WebRequest("REDIS", f"redis://{host}:{port}/", body=command.encode(), timeout=5.0))
        if reply.error:
            why = {"nxdomain": "Name or service not known", "timeout": "Connection timed out"}
            call.error(f"Could not connect to Redis at {host}:{port}: {why.get(reply.error, 'Connection refused')}\n")
            return 1
        text = reply.body.decode("utf-8", "replace")
        if call.tty and text not in ("OK", "PONG") and not text.startswith("("):
            text = f'"{text}"' if text else "(nil)"
        call.write(text + "\n")
        return 0

    def signalled(self, call: Call, signal: str) -> int | None:
        return 130

    def serve(self, call: Call, port: int, request: WebRequest) -> WebReply:
        return WebReply(error="refused")


def _without_options(words: list[str]) -> list[str]:
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word in ("-h", "-p", "-a", "-n", "--user"):
            skip = True
        elif not word.startswith("--"):
            return words[index:]
    return []
