"""The log's files in the state book, in chunks: appending a line rewrites one chunk, never the whole.

`audit/files` holds, by path, the file's number, how many chunks it has and their bytes; `audit/FILE/CHUNK`
a list of lines. `files` gives them back as entries for a machine's file tree, read when somebody reads.
They lie on the machine's disk at the flag's path, whether the static pod mounts that folder or not.
Rotation follows `--audit-log-maxsize` (MiB) and `--audit-log-maxbackup`; all files of a lab together are
bounded, which a real disk is too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cluster.apiserver.launch import Launch
from cluster.machinery.clock import Clock, timestamp
from cluster.store.interface import StateBook

FILES = "audit/files"
_CHUNK = 32 * 1024
_MIB = 1 << 20
_TOTAL = 8 * _MIB  # bytes of all files of a lab


class AuditBook:
    """Writes where `--audit-log-path` says."""

    def __init__(self, state: StateBook, clock: Clock):
        self._state = state
        self._clock = clock

    def write(self, lines: Sequence[str], launch: Launch) -> None:
        """Append lines to the file of a start, rotating it when it has grown too large."""
        path = launch.value("audit-log-path")
        files: dict[str, dict[str, Any]] = dict(self._state.get(FILES) or {})
        known = files.get(path) or self._new(files)
        size = sum(len(line) + 1 for line in lines)
        if known["bytes"] and known["bytes"] + size > _number(launch, "audit-log-maxsize", 100) * _MIB:
            files[self._rotated(path)] = known
            known = self._new(files)
        files[path] = self._grown(known, lines, size)
        self._forget(files, path, _number(launch, "audit-log-maxbackup", 0))
        self._state.put(FILES, files)

    def _new(self, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        return {"file": 1 + max((int(one["file"]) for one in files.values()), default=0), "chunks": 1, "bytes": 0}

    def _grown(self, known: Mapping[str, Any], lines: Sequence[str], size: int) -> dict[str, Any]:
        count = known["chunks"]
        chunk: dict[str, Any] = self._state.get(_key(known, count)) or {"lines": [], "bytes": 0}
        if chunk["bytes"] and chunk["bytes"] + size > _CHUNK:
            count, chunk = count + 1, {"lines": [], "bytes": 0}
        chunk["lines"].extend(lines)
        chunk["bytes"] += size
        self._state.put(_key(known, count), chunk)
        return {**known, "chunks": count, "bytes": known["bytes"] + size, "changed": self._clock.now()}

    def _rotated(self, path: str) -> str:
        stem, dot, end = path.rpartition(".")
        moment = timestamp(self._clock.now()).replace(":", "-").removesuffix("Z") + ".000"
        return f"{stem}-{moment}.{end}" if dot else f"{path}-{moment}"

    def _forget(self, files: dict[str, dict[str, Any]], path: str, backups: int) -> None:
        """Drop the oldest rotated files beyond what is kept."""
        stem = path.rpartition(".")[0] or path
        old = sorted(one for one in files if one != path and one.startswith(f"{stem}-"))
        while old and ((backups and len(old) > backups) or sum(one["bytes"] for one in files.values()) > _TOTAL):
            gone = files.pop(old.pop(0))
            for number in range(1, gone["chunks"] + 1):
                self._state.drop(_key(gone, number))


def _number(launch: Launch, flag: str, default: int) -> int:
    text = launch.value(flag)
    return int(text) if text.isdecimal() else default


def _key(known: Mapping[str, Any], chunk: int) -> str:
    return f"audit/{known['file']}/{chunk:06d}"


class LogFile(Mapping[str, Any]):
    """A file entry whose text is put together when it is read."""

    def __init__(self, state: StateBook, known: Mapping[str, Any]):
        self._state = state
        self._known = known

    def __getitem__(self, field: str) -> Any:
        if field == "text":
            return "".join(self._chunks())
        return {"mode": 0o600, "mtime": self._known.get("changed", 0.0)}[field]

    def _chunks(self) -> Iterator[str]:
        for number in range(1, self._known["chunks"] + 1):
            for line in (self._state.get(_key(self._known, number)) or {}).get("lines") or ():
                yield f"{line}\n"

    def __iter__(self) -> Iterator[str]:
        return iter(("text", "mode", "mtime"))

    def __len__(self) -> int:
        return 3


def files(state: StateBook) -> dict[str, LogFile]:
    """Return the log's files by path, for a layer of the control-plane machine's tree."""
    return {path: LogFile(state, known) for path, known in (state.get(FILES) or {}).items()}
