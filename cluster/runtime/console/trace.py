"""`lab trace URL --from pod/NAME | node/NAME | outside`: one request, hop by hop."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cluster.runtime.console.doors import Doors
from cluster.workloads.process import Call, WebReply, WebRequest

USAGE = "usage: lab trace URL [--from pod/NAME | node/NAME | outside] [-n NAMESPACE]\n"


def run(doors: Doors, call: Call, words: Sequence[str]) -> int:
    asked = _parse(words)
    if asked is None:
        call.error(USAGE)
        return 2
    url = asked.url if "://" in asked.url else f"http://{asked.url}"
    reply = _send(doors, asked.origin, asked.namespace, WebRequest("GET", url, timeout=10.0))
    if reply is None:
        call.error(f"lab: cannot start from {asked.origin!r}\n{USAGE}")
        return 2
    for number, hop in enumerate(reply.hops, 1):
        call.write(f"{number:>2}  {hop.at:<28} {hop.rule:<34} {hop.text}\n")
    call.write(_end(reply))
    return 0 if not reply.error else 1


def _parse(words: Sequence[str]) -> argparse.Namespace | None:
    parser = argparse.ArgumentParser(prog="lab trace", add_help=False, exit_on_error=False)
    parser.add_argument("url")
    parser.add_argument("--from", dest="origin", default="outside")
    parser.add_argument("-n", "--namespace", default="default")
    try:
        asked, rest = parser.parse_known_args(list(words))
    except (argparse.ArgumentError, SystemExit):
        return None
    return None if rest else asked


def _send(doors: Doors, origin: str, namespace: str, request: WebRequest) -> WebReply | None:
    kind, _, name = origin.partition("/")
    if kind == "outside" and not name:
        return doors.network.fetch_from_outside(request)
    if kind == "pod" and doors.context.store.get("pods", namespace, name):
        return doors.network.fetch_from_pod(namespace, name, request)
    if kind == "node" and doors.context.state.get(f"machine/{name}"):
        return doors.network.fetch_from_node(name, request)
    return None


def _end(reply: WebReply) -> str:
    if reply.error:
        return f"=>  {reply.error} {reply.address}\n"
    return f"=>  {reply.status} from {reply.address}, {len(reply.body)} bytes\n"
