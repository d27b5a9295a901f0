"""Container images: references as containerd normalises them, and what the catalogue knows of each.

A catalogue entry (`catalogue/*.yaml`) is an image's config: size, entrypoint, files, the programs it
carries and how it loads a machine. An image that no entry describes runs as a plain long-lived process.
Left out: layers, platforms and registries' access rights.
https://kubernetes.io/docs/concepts/containers/images/
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

LIBRARY = "docker.io/library/"


@dataclass(frozen=True, slots=True)
class Reference:
    """`nginx:1.27` as containerd reads it: docker.io/library/nginx, tag 1.27."""

    repository: str
    tag: str
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}" if self.digest else f"{self.repository}:{self.tag}"

    @property
    def image_id(self) -> str:
        """Return the repository with the manifest's digest, as `imageID` shows it."""
        digest = self.digest or "sha256:" + hashlib.sha256(str(self).encode()).hexdigest()
        return f"{self.repository}@{digest}"


class InvalidReference(ValueError):
    """The text is no image reference."""


_REFERENCE = re.compile(
    r"(?P<name>[a-z0-9]+(?:[._:/-]+[a-z0-9]+)*?|[\w.-]+(?::\d+)?(?:/[a-z0-9._-]+)+)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@lru_cache(maxsize=4096)
def parse_reference(text: str) -> Reference:
    """Return the normalised reference; InvalidReference when containerd could not parse it."""
    found = _REFERENCE.fullmatch(text)
    if not found:
        raise InvalidReference(text)
    name, tag, digest = found["name"], found["tag"] or "", found["digest"] or ""
    host, slash, rest = name.partition("/")
    if not slash:
        name = LIBRARY + name
    elif not ("." in host or ":" in host or host == "localhost"):
        name = f"docker.io/{name}"
    elif host in ("docker.io", "index.docker.io") and "/" not in rest:
        name = LIBRARY + rest
    return Reference(name, tag or ("" if digest else "latest"), digest)


@dataclass(frozen=True, slots=True)
class Load:
    """What a container of this image costs its machine: cores and bytes, idle and per request a second."""

    cpu_idle: float = 0.001
    cpu_request: float = 0.001
    memory_idle: int = 8 << 20
    memory_request: int = 20_000
    cpu_busy: float = 0.0  # of a process that computes without being asked


@dataclass(frozen=True, slots=True)
class Image:
    """One image at one tag."""

    repository: str
    version: str
    size: int
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = "root"
    workdir: str = "/"
    ports: tuple[int, ...] = ()
    distribution: str = "debian"  # debian | alpine | busybox | none: which shell and commands it has
    commands: frozenset[str] = frozenset()  # executables beyond the distribution's
    programs: Mapping[str, str] = field(default_factory=dict)  # executable → program, where the names differ
    wrappers: frozenset[str] = frozenset()  # entrypoint scripts that only exec what follows
    files: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)  # for its programs
    load: Load = Load()
    boot: float = 0.0  # seconds from start to listening
    stop_signal: str = "TERM"
    known: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One catalogue file: a repository with all its tags."""

    repository: str
    aliases: tuple[str, ...]
    tags: re.Pattern[str]
    latest: str
    sizes: tuple[tuple[re.Pattern[str], int], ...]
    config: Mapping[str, Any]

    def has(self, tag: str) -> bool:
        return tag in ("", "latest") or self.tags.fullmatch(tag) is not None

    def image(self, tag: str) -> Image:
        """Return the image at `tag` (which it has)."""
        config = {**self.config, **self._variant(tag)}
        size = next((size for pattern, size in self.sizes if pattern.search(tag)), config["size"])
        version = self._version(tag)
        fields = _image_fields(config)
        words = (("{tag}", tag), ("{version}", version))
        fields["files"] = {path: _filled(text, words) for path, text in fields["files"].items()}
        return Image(self.repository, version, size, **fields)

    def _version(self, tag: str) -> str:
        found = re.search(r"\d+(\.\d+)*", tag)
        versions: Mapping[str, str] = self.config.get("versions") or {}
        wanted = found.group() if found else self.latest
        return str(versions.get(tag) or versions.get(wanted) or wanted)

    def _variant(self, tag: str) -> Mapping[str, Any]:
        for pattern, variant in (self.config.get("variants") or {}).items():
            if re.search(pattern, tag):
                return dict(variant)
        return {}


def _filled(text: str, words: Sequence[tuple[str, str]]) -> str:
    for word, value in words:
        text = text.replace(word, value)
    return text


def _image_fields(config: Mapping[str, Any]) -> dict[str, Any]:
    load = config.get("load") or {}
    return {
        "entrypoint": tuple(config.get("entrypoint") or ()),
        "cmd": tuple(config.get("cmd") or ()),
        "env": config.get("env") or {},
        "user": str(config.get("user", "root")),
        "workdir": config.get("workdir", "/"),
        "ports": tuple(config.get("ports") or ()),
        "distribution": config.get("distribution", "debian"),
        "commands": frozenset((*(config.get("commands") or ()), *(config.get("programs") or {}))),
        "programs": config.get("programs") or {},
        "wrappers": frozenset(config.get("wrappers") or ()),
        "files": config.get("files") or {},
        "settings": config.get("settings") or {},
        "load": Load(**load),
        "boot": float(config.get("boot", 0.0)),
        "stop_signal": config.get("stop_signal", "TERM"),
    }


def entry(document: Mapping[str, Any]) -> Entry:
    """Return the entry that a catalogue file declares."""
    sizes = tuple((re.compile(pattern), int(size)) for pattern, size in (document.get("sizes") or {}).items())
    return Entry(
        repository=document["image"],
        aliases=tuple(document.get("aliases") or ()),
        tags=re.compile(document.get("tags", ".*")),
        latest=str(document.get("latest", "1")),
        sizes=sizes,
        config=document,
    )
