"""Where config maps and secrets get their data from: literals, files, folders, env files."""

from __future__ import annotations

import re

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.flags import Flag
from cluster.workloads.files import FileError

FLAGS = (
    Flag("append-hash", "bool", False, "Append a hash of the object to its name."),
    Flag("from-env-file", "strings", (), "Specify the path to a file to read lines of key=val pairs from."),
    Flag("from-file", "strings", (), "Key file can be specified using its file path, in which case file basename will "
         "be used as key, or optionally with a key and file path, in which case the given key will be used. "
         "Specifying a directory will iterate each named file in the directory whose basename is a valid key."),
    Flag("from-literal", "array", (), "Specify a key and literal value to insert (i.e. mykey=somevalue)"),
)
_KEY = re.compile(r"[-._a-zA-Z0-9]+$")
_ENV = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*$")
KEY_RULE = ("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
            "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")


def gather(session: Session, what: str) -> dict[str, bytes]:
    """Return all data, in the order it is added; `what` is configMap or secret, for errors."""
    flags = session.flags
    if flags["from-env-file"] and (flags["from-file"] or flags["from-literal"]):
        raise CommandError("from-env-file cannot be combined with from-file or from-literal")
    data: dict[str, bytes] = {}
    for source in flags["from-literal"]:
        key, equals, value = source.partition("=")
        if not equals or not key:
            raise CommandError(f"invalid literal source {source}, expected key=value")
        _add(data, key, value.encode(), what)
    for source in flags["from-file"]:
        for key, value in _files(session, source):
            _add(data, key, value, what)
    for path in flags["from-env-file"]:
        for key, value in env_file(session, path):
            _add(data, key, value.encode(), what)
    return data


def _add(data: dict[str, bytes], key: str, value: bytes, what: str) -> None:
    if not _KEY.match(key):
        raise CommandError(f'"{key}" is not a valid key name for a {what}: {KEY_RULE}')
    if key in data:
        raise CommandError(f"cannot add key {key}, another key by that name already exists in Data")
    data[key] = value


def _files(session: Session, source: str) -> list[tuple[str, bytes]]:
    key, equals, path = source.partition("=")
    if source.count("=") > 1:
        raise CommandError("key names or file paths cannot contain '='")
    if not equals:
        key, path = "", source
    elif not key or not path:
        raise CommandError(f"key name for file path {path} missing" if not key else
                           f"file path for key name {key} missing")
    try:
        return _read(session, key, path)
    except FileError:
        raise CommandError(f"error reading {path}: no such file or directory") from None


def _read(session: Session, key: str, path: str) -> list[tuple[str, bytes]]:
    files = session.call.place.files
    full = session.path_of(path)
    if files.stat(full).kind != "dir":
        return [(key or full.rpartition("/")[2], files.read(full))]
    if key:
        raise CommandError("cannot give a key name for a directory path")
    found = [(entry, f"{full}/{entry}") for entry in files.list(full)]
    return [(entry, files.read(one)) for entry, one in found if files.stat(one).kind == "file" and _KEY.match(entry)]


def env_file(session: Session, path: str) -> list[tuple[str, str]]:
    """Read KEY=value lines; a bare KEY takes its value from the environment."""
    try:
        text = session.call.place.files.read(session.path_of(path)).decode(errors="replace")
    except FileError:
        raise CommandError(f"error reading {path}: no such file or directory") from None
    pairs = []
    for raw in text.lstrip("\ufeff").splitlines():
        line = raw.lstrip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.partition("=")
        if not _ENV.match(key):
            raise CommandError(f"\"{key}\" is not a valid key name")
        pairs.append((key, value if equals else session.call.environ.get(key, "")))
    return pairs
