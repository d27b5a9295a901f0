"""The file system of a place, as data: image layers below, a writable overlay above, volumes mounted in.

In a real cluster containerd stacks an overlayfs from the image's layers and an upper directory, and
the kubelet bind-mounts volumes. Here a tree is a JSON dict `path -> entry`; parents are implied. An
entry is a text, or a dict with one of `text`, `b64`, `dir`, `link`, and `mode`, `user`, `group`,
`mtime` where they differ from the usual; `None` in an overlay hides what lies below (a whiteout).
Absent: hard links, device nodes other than /dev/null, ACLs, quotas.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any, TypeAlias

from cluster.workloads.files import FileError, FileInfo

Entry: TypeAlias = Any
Tree: TypeAlias = dict[str, Entry]

# What `ls -l` shows for files that came with an image and say nothing of their own time.
IMAGE_TIME = 1_764_547_200.0
_DIRECTORY: Mapping[str, Any] = {"dir": True}
_STICKY = {"/tmp": 0o1777, "/var/tmp": 0o1777, "/root": 0o700, "/dev/shm": 0o1777}
_MAX_LINKS = 40
# One file may not fill the lab's memory: writing more answers "No space left on device".
LARGEST_FILE = 16 << 20


class Layer:
    """One read-only layer with its directory index, made once per image and shared by all its containers."""

    def __init__(self, entries: Mapping[str, Entry]):
        self.entries = entries
        self._children: dict[str, set[str]] | None = None

    def children(self, path: str) -> set[str] | None:
        """Return the names below `path`, or None when this layer knows no such directory."""
        if self._children is None:
            self._children = _index(self.entries)
        return self._children.get(path)


def _index(entries: Mapping[str, Entry]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"/": set()}
    for path, entry in entries.items():
        if isinstance(entry, Mapping) and entry.get("dir"):
            found.setdefault(path, set())
        while path != "/":
            parent, name = _split(path)
            found.setdefault(parent, set()).add(name)
            path = parent
    return found


@dataclass(frozen=True)
class Mount:
    """A volume at `path`. `tree` is shared by all who mount it; `sub_path` picks a folder or file in it."""

    path: str
    tree: Tree
    read_only: bool = False
    source: str = "overlay"
    sub_path: str = ""


@dataclass
class _Volume:
    """One stack of layers with a writable dict on top, addressed by its own absolute paths."""

    layers: Sequence[Layer]
    upper: Tree
    read_only: bool = False
    name: str = "/"
    indexed: tuple[int, dict[str, set[str]]] = field(default_factory=lambda: (-1, {}))

    def get(self, path: str) -> Entry:
        """Return the entry, an implied directory, or None."""
        if path in self.upper:
            found = self.upper[path]
            return found if found is not None or not self._upper_names(path) else _DIRECTORY
        if self._upper_names(path) is not None:
            return self._below(path) or _DIRECTORY
        return self._below(path)

    def _below(self, path: str) -> Entry:
        if path == "/":
            return _DIRECTORY
        if self._hidden(path):
            return None
        for layer in self.layers:
            if path in layer.entries:
                return layer.entries[path]
        return _DIRECTORY if any(layer.children(path) is not None for layer in self.layers) else None

    def _hidden(self, path: str) -> bool:
        while path != "/":
            if path in self.upper and self._covers(path):
                return True
            path = _split(path)[0]
        return False

    def _covers(self, path: str) -> bool:
        entry = self.upper[path]
        return entry is None or not isinstance(entry, Mapping) or not entry.get("dir") or bool(entry.get("opaque"))

    def _upper_names(self, path: str) -> set[str] | None:
        alive = {key: entry for key, entry in self.upper.items() if entry is not None}
        if len(alive) != self.indexed[0]:
            self.indexed = (len(alive), _index(alive))
        return self.indexed[1].get(path) if path != "/" or alive else None

    def names(self, path: str) -> list[str]:
        found: set[str] = set(self._upper_names(path) or ())
        if not self._hidden(path):
            for layer in self.layers:
                found |= layer.children(path) or set()
        prefix = "" if path == "/" else path
        return sorted(name for name in found if self.get(f"{prefix}/{name}") is not None)

    def put(self, path: str, entry: Entry) -> None:
        hidden = self._hidden(path)
        if isinstance(entry, Mapping) and entry.get("dir") and hidden:
            entry = {**entry, "opaque": True}
        self.upper[path] = entry
        self.indexed = (-1, {})

    def drop(self, path: str) -> None:
        for key in [key for key in self.upper if key == path or key.startswith(f"{path}/")]:
            del self.upper[key]
        self.indexed = (-1, {})
        if self._below(path) is not None:
            self.upper[path] = None


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition("/")
    return parent or "/", name


def _join(parent: str, name: str) -> str:
    return f"/{name}" if parent == "/" else f"{parent}/{name}"


def _kind(entry: Entry) -> str:
    if isinstance(entry, Mapping):
        return "dir" if entry.get("dir") else "link" if "link" in entry else "file"
    return "file"


def content_of(entry: Entry) -> bytes:
    """Return the bytes of a file entry."""
    if isinstance(entry, str):
        return entry.encode()
    return base64.b64decode(entry["b64"]) if "b64" in entry else str(entry.get("text", "")).encode()


def file_entry(data: bytes, **attributes: Any) -> dict[str, Any]:
    """Return the entry of a file with these bytes: as text when it is UTF-8, else as base64."""
    try:
        return {"text": data.decode(), **attributes}
    except UnicodeDecodeError:
        return {"b64": base64.b64encode(data).decode(), **attributes}


class FileTree:
    """Implements `Files`. `touched` names the mount points written to since it was made (`/` = the overlay)."""

    def __init__(
        self,
        layers: Sequence[Layer | Mapping[str, Entry]],
        overlay: Tree,
        mounts: Sequence[Mount] = (),
        now: Callable[[], float] = lambda: IMAGE_TIME,
        *,
        read_only: bool = False,
        user: str = "root",
        groups: Sequence[str] = (),
        source: str = "overlay",
    ):
        stack = [layer if isinstance(layer, Layer) else Layer(layer) for layer in reversed(layers)]
        self._root = _Volume(stack, overlay, read_only)
        self._mounts = sorted(mounts, key=lambda mount: len(mount.path))
        self._volumes = {mount.path: _Volume((), mount.tree, mount.read_only, mount.path) for mount in self._mounts}
        self._order = list(mounts)
        self._now = now
        self._source = source
        self.user = user
        self.groups = groups
        self.touched: set[str] = set()

    # -- finding ---------------------------------------------------------------------------------

    def _at(self, path: str) -> tuple[_Volume, str]:
        """Return the volume that holds the link-free `path`, and the path inside it."""
        for mount in reversed(self._mounts):
            if path == mount.path or path.startswith(f"{mount.path}/") or mount.path == "/":
                inside = f"/{mount.sub_path}/{path[len(mount.path) :]}"
                return self._volumes[mount.path], normpath(inside).replace("//", "/")
        return self._root, path

    def _entry(self, path: str) -> Entry:
        volume, inside = self._at(path)
        found = volume.get(inside)
        if found is None and any(mount.path.startswith(f"{path}/") for mount in self._mounts):
            return _DIRECTORY
        return found

    def _resolve(self, path: str, *, follow: bool = True) -> str:
        """Return `path` without links (the last name may not exist); raises ENOENT, ENOTDIR, ELOOP."""
        todo = [part for part in path.split("/") if part not in ("", ".")][::-1]
        here, links = "/", 0
        while todo:
            part = todo.pop()
            if part == "..":
                here = _split(here)[0]
                continue
            there = _join(here, part)
            entry = self._entry(there)
            if entry is not None and _kind(entry) == "link" and (todo or follow):
                links += 1
                if links > _MAX_LINKS:
                    raise FileError("ELOOP", path)
                here = "/" if entry["link"].startswith("/") else here
                todo += [name for name in entry["link"].split("/") if name not in ("", ".")][::-1]
                continue
            if todo:
                _expect_directory(entry, path)
            here = there
        if path.endswith("/") and self._entry(here) is not None:
            _expect_directory(self._entry(here), path)
        return here

    def _find(self, path: str, *, follow: bool = True) -> tuple[str, Entry]:
        where = self._resolve(path, follow=follow)
        entry = self._entry(where)
        if entry is None:
            raise FileError("ENOENT", path)
        return where, entry

    def real_path(self, path: str) -> str:
        return self._resolve(path)

    def exists(self, path: str) -> bool:
        try:
            self._find(path)
        except FileError:
            return False
        return True

    def stat(self, path: str, *, follow: bool = True) -> FileInfo:
        where, entry = self._find(path, follow=follow)
        kind = _kind(entry)
        meta = entry if isinstance(entry, Mapping) else {}
        size = 4096 if kind == "dir" else len(meta["link"]) if kind == "link" else len(content_of(entry))
        return FileInfo(
            kind,
            int(meta.get("mode", _usual_mode(kind, where))),
            size,
            float(meta.get("mtime", IMAGE_TIME)),
            str(meta.get("user", "root")),
            str(meta.get("group", "root")),
            str(meta.get("link", "")),
        )

    def list(self, path: str) -> Sequence[str]:
        where, entry = self._find(path)
        if _kind(entry) != "dir":
            raise FileError("ENOTDIR", path)
        self._allow(where, 4, path)
        volume, inside = self._at(where)
        prefix = where.rstrip("/") + "/"
        mounted = {m.path[len(prefix) :].split("/")[0] for m in self._mounts if m.path.startswith(prefix)}
        return sorted(mounted | set(volume.names(inside))) if mounted else volume.names(inside)

    def read(self, path: str) -> bytes:
        where, entry = self._find(path)
        if _kind(entry) == "dir":
            raise FileError("EISDIR", path)
        self._allow(where, 4, path)
        return content_of(entry)

    def mounts(self) -> Sequence[tuple[str, str, bool]]:
        root = ("/", self._source, self._root.read_only)
        return [root, *((mount.path, mount.source, mount.read_only) for mount in self._order)]

    # -- changing --------------------------------------------------------------------------------

    def _allow(self, where: str, bit: int, path: str) -> None:
        if self.user not in ("root", "0"):
            info = self.stat(where)
            shift = 6 if info.user == self.user else 3 if info.group in self.groups else 0
            if not (info.mode >> shift) & bit:
                raise FileError("EACCES", path)

    def _writable(self, where: str, path: str) -> tuple[_Volume, str]:
        volume, inside = self._at(where)
        if volume.read_only:
            raise FileError("EROFS", path)
        self.touched.add(volume.name)
        return volume, inside

    def _new_name(self, where: str, path: str) -> tuple[_Volume, str]:
        """Return where a new entry goes, when its directory exists and may be written."""
        parent = _split(where)[0]
        entry = self._entry(parent)
        _expect_directory(entry, path)
        found = self._writable(where, path)
        self._allow(parent, 2, path)
        return found

    def write(self, path: str, data: bytes, *, append: bool = False, mode: int = 0o644) -> None:
        where = self._resolve(path)
        old = self._entry(where)
        if where == "/dev/null":
            return
        if len(data) + (self.stat(where).size if append and old is not None else 0) > LARGEST_FILE:
            raise FileError("ENOSPC", path)
        if old is None:
            if path.endswith("/"):
                raise FileError("EISDIR", path)
            volume, inside = self._new_name(where, path)
            volume.put(inside, file_entry(data, **self._fresh(mode, 0o644)))
            return
        if _kind(old) == "dir":
            raise FileError("EISDIR", path)
        volume, inside = self._writable(where, path)
        self._allow(where, 2, path)
        volume.put(inside, file_entry(content_of(old) + data if append else data, **self._kept(old)))

    def _fresh(self, mode: int, usual: int) -> dict[str, Any]:
        found: dict[str, Any] = {"mtime": self._now()}
        if mode != usual:
            found["mode"] = mode
        if self.user not in ("root", "0"):
            found["user"] = found["group"] = self.user
        return found

    def _kept(self, entry: Entry) -> dict[str, Any]:
        old = entry if isinstance(entry, Mapping) else {}
        return {**{key: old[key] for key in ("mode", "user", "group") if key in old}, "mtime": self._now()}

    def make_dir(self, path: str, *, parents: bool = False, mode: int = 0o755) -> None:
        where = self._make_parents(path) if parents else self._resolve(path)
        old = self._entry(where)
        if old is not None:
            if parents and _kind(old) == "dir":
                return
            raise FileError("EEXIST", path)
        volume, inside = self._new_name(where, path)
        volume.put(inside, {"dir": True, **self._fresh(mode, 0o755)})

    def _make_parents(self, path: str) -> str:
        parts = [part for part in normpath(path).split("/") if part]
        here = "/"
        for part in parts[:-1]:
            here = self._resolve(_join(here, part))
            if self._entry(here) is None:
                self.make_dir(here)
            _expect_directory(self._entry(here), path)
        return self._resolve(_join(here, parts[-1])) if parts else "/"

    def remove(self, path: str, *, recursive: bool = False) -> None:
        where, entry = self._find(path.rstrip("/") or "/", follow=False)
        if any(mount.path == where or mount.path.startswith(f"{where}/") for mount in self._mounts) or where == "/":
            raise FileError("EBUSY", path)
        if _kind(entry) == "dir" and not recursive and self.list(where):
            raise FileError("ENOTEMPTY", path)
        volume, inside = self._new_name(where, path)
        volume.drop(inside)

    def rename(self, source: str, target: str) -> None:
        origin, entry = self._find(source.rstrip("/"), follow=False)
        where = self._resolve(target.rstrip("/") or "/", follow=False)
        if origin == where:
            return
        old = self._entry(where)
        if old is not None and _kind(old) == "dir":
            if _kind(entry) != "dir":
                raise FileError("EISDIR", target)
            if self.list(where):
                raise FileError("ENOTEMPTY", target)
        moved = list(self._walk(origin, entry))
        if old is not None:
            self.remove(where, recursive=True)
        self._new_name(where, target)
        for path, one in moved:
            volume, inside = self._writable(where + path[len(origin) :], target)
            volume.put(inside, one)
        self.remove(origin, recursive=True)

    def _walk(self, path: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
        yield path, dict(entry) if isinstance(entry, Mapping) else entry
        if _kind(entry) == "dir":
            for name in self.list(path):
                child = _join(path, name)
                yield from self._walk(child, self._entry(child))

    def symlink(self, target: str, path: str) -> None:
        where = self._resolve(path, follow=False)
        if self._entry(where) is not None:
            raise FileError("EEXIST", path)
        volume, inside = self._new_name(where, path)
        volume.put(inside, {"link": target, **self._fresh(0o777, 0o777)})

    def chmod(self, path: str, mode: int) -> None:
        self._change(path, mode=mode)

    def chown(self, path: str, user: str, group: str) -> None:
        """Change owner and group; '' leaves one as it is."""
        self._change(path, **{key: value for key, value in (("user", user), ("group", group)) if value})

    def touch(self, path: str, moment: float) -> None:
        """Set the time of last change."""
        self._change(path, mtime=moment)

    def _change(self, path: str, **attributes: Any) -> None:
        where, entry = self._find(path)
        if self.user not in ("root", "0") and self.stat(where).user != self.user:
            raise FileError("EPERM", path)
        volume, inside = self._writable(where, path)
        whole = dict(entry) if isinstance(entry, Mapping) else {"text": entry}
        volume.put(inside, {**whole, **attributes})


def _usual_mode(kind: str, path: str) -> int:
    if kind == "dir":
        return _STICKY.get(path, 0o755)
    return 0o777 if kind == "link" else 0o644


def _expect_directory(entry: Entry, path: str) -> None:
    if entry is None:
        raise FileError("ENOENT", path)
    if _kind(entry) != "dir":
        raise FileError("ENOTDIR", path)
