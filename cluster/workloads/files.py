"""The file-system contract of a place: image layers, a writable layer, mounted volumes.

Paths are absolute POSIX paths, already joined with the working directory. Errors are `FileError`
with the errno's words, so that `cat: /x: No such file or directory` needs no table elsewhere.
The implementation is `cluster.workloads.filesystem`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class FileError(Exception):
    """`code` is the errno name (ENOENT, EISDIR, ENOTDIR, EEXIST, EACCES, EROFS, ENOTEMPTY, ENOSPC)."""

    def __init__(self, code: str, path: str):
        self.code = code
        self.path = path
        super().__init__(WORDS.get(code, code))


WORDS = {
    "ENOENT": "No such file or directory",
    "EISDIR": "Is a directory",
    "ENOTDIR": "Not a directory",
    "EEXIST": "File exists",
    "EACCES": "Permission denied",
    "EROFS": "Read-only file system",
    "ENOTEMPTY": "Directory not empty",
    "ENOSPC": "No space left on device",
    "ELOOP": "Too many levels of symbolic links",
    "EBUSY": "Device or resource busy",
    "EPERM": "Operation not permitted",
}


@dataclass(frozen=True, slots=True)
class FileInfo:
    """`kind` is file, dir or link; `mode` the permission bits; `target` of a link."""

    kind: str
    mode: int
    size: int
    modified: float
    user: str = "root"
    group: str = "root"
    target: str = ""


class Files(Protocol):
    def read(self, path: str) -> bytes: ...
    def write(self, path: str, data: bytes, *, append: bool = False, mode: int = 0o644) -> None: ...
    def stat(self, path: str, *, follow: bool = True) -> FileInfo: ...
    def exists(self, path: str) -> bool: ...
    def list(self, path: str) -> Sequence[str]: ...
    def make_dir(self, path: str, *, parents: bool = False, mode: int = 0o755) -> None: ...
    def remove(self, path: str, *, recursive: bool = False) -> None: ...
    def rename(self, source: str, target: str) -> None: ...
    def symlink(self, target: str, path: str) -> None: ...
    def chmod(self, path: str, mode: int) -> None: ...
    def chown(self, path: str, user: str, group: str) -> None: ...
    def touch(self, path: str, moment: float) -> None:
        """Set the time of last change of what exists."""
        ...

    def real_path(self, path: str) -> str: ...
    def mounts(self) -> Sequence[tuple[str, str, bool]]:
        """Return (mount point, source, read-only) in mount order, `/` first."""
        ...
