"""Container logs: bounded chunks in the state book, read back by every option of `PodLogOptions`.

Keys are `logs/<pod>/<container>/<number>`; numbers only grow, a chunk belongs to one attempt (restart).
Rotation drops the oldest chunks, as a kubelet rotates at 10 MiB (here at 100 chunks of 8 KiB).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from cluster.kubelet.record import Container
from cluster.machinery.clock import parse_timestamp
from cluster.machinery.errors import bad_request
from cluster.store.interface import StateBook

PREFIX = "logs/"
CHUNK_BYTES = 8 << 10
CHUNKS_KEPT = 100

Line = tuple[float, int, str]


def log_key(identity: str, container: str, number: int) -> str:
    return f"{PREFIX}{identity}/{container}/{number:06d}"


def append(
    state: StateBook, identity: str, name: str, container: Container, now: float, stream: int, text: str
) -> None:
    """Add what a process wrote; `container['log']` is the write head."""
    head = container.get("log")
    if head is None or head["attempt"] != container["restarts"]:
        head = _new_head(container, head)
    if head["bytes"] > CHUNK_BYTES:
        head.update(number=head["number"] + 1, offset=head["offset"] + head["bytes"], bytes=0)
    key = log_key(identity, name, head["number"])
    chunk = state.get(key) or {"attempt": head["attempt"], "offset": head["offset"], "lines": []}
    _extend(chunk["lines"], now, stream, text)
    head["bytes"] += len(text.encode())
    state.put(key, chunk)
    state.drop(log_key(identity, name, head["number"] - CHUNKS_KEPT))


def _new_head(container: Container, old: Mapping[str, Any] | None) -> dict[str, Any]:
    head = {"attempt": container["restarts"], "number": old["number"] + 1 if old else 0, "offset": 0, "bytes": 0}
    container["log"] = head
    return head


def _extend(lines: list[Any], now: float, stream: int, text: str) -> None:
    for part in text.splitlines(keepends=True):
        if lines and not lines[-1][2].endswith("\n") and lines[-1][1] == stream:
            lines[-1] = [lines[-1][0], stream, lines[-1][2] + part]
        else:
            lines.append([now, stream, part])


def forget(state: StateBook, identity: str) -> None:
    """Remove all logs of a pod."""
    for key in state.keys(f"{PREFIX}{identity}/"):
        state.drop(key)


def lines_of(state: StateBook, identity: str, name: str, attempt: int) -> Iterator[Line]:
    """Yield (time, stream, text with its newline) of one attempt."""
    for key in state.keys(f"{PREFIX}{identity}/{name}/"):
        chunk = state.get(key)
        if chunk and chunk["attempt"] == attempt:
            yield from chunk["lines"]


def text_since(
    state: StateBook, identity: str, name: str, attempt: int, offset: int, *, timestamps: bool = False
) -> tuple[bytes, int]:
    """Return the bytes from `offset` on and the new offset; each line that begins there stamped on demand."""
    found, end = b"", offset
    for key in state.keys(f"{PREFIX}{identity}/{name}/"):
        chunk = state.get(key)
        if not chunk or chunk["attempt"] != attempt:
            continue
        at = chunk["offset"]
        for moment, _, text in chunk["lines"]:
            data = text.encode()
            if at + len(data) > offset:
                stamp = f"{nano_timestamp(moment)} ".encode() if timestamps and at >= offset else b""
                found += stamp + data[max(offset - at, 0) :]
            at += len(data)
        end = max(end, at)
    return found, end


def nano_timestamp(moment: float) -> str:
    """Return RFC3339Nano as the runtime stamps lines."""
    whole = datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(round((moment - int(moment)) * 1e6)) * 1000:09d}Z"


def render(lines: Iterator[Line], options: Mapping[str, str], now: float) -> bytes:
    """Return log text as `PodLogOptions` ask for it."""
    chosen = [line for line in lines if line[0] >= _earliest(options, now)]
    if options.get("tailLines"):
        count = _number(options, "tailLines")
        chosen = chosen[-count:] if count else []
    stamped = options.get("timestamps") in ("true", "1")
    text = "".join(f"{nano_timestamp(moment)} {part}" if stamped else part for moment, _, part in chosen).encode()
    return text[: _number(options, "limitBytes")] if options.get("limitBytes") else text


def _earliest(options: Mapping[str, str], now: float) -> float:
    if options.get("sinceSeconds"):
        return now - _number(options, "sinceSeconds")
    if options.get("sinceTime"):
        try:
            return parse_timestamp(options["sinceTime"])
        except ValueError as error:
            raise bad_request(f"invalid sinceTime: {options['sinceTime']}") from error
    return 0.0


def _number(options: Mapping[str, str], name: str) -> int:
    try:
        return max(int(options[name]), 0)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{options[name]}": invalid syntax') from error
