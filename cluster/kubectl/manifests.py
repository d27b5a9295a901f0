"""Manifests named with -f, -R or standing in standard input: which files, which documents, which objects.

URLs are refused in the words of a host without a route: the lab has no internet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.discovery import Mapping
from cluster.kubectl.errors import CommandError
from cluster.machinery import goyaml
from cluster.machinery.meta import Object, name, namespace

EXTENSIONS = (".json", ".yaml", ".yml")


@dataclass(slots=True)
class Info:
    """One object a command works on. `source` is the file it came from."""

    mapping: Mapping
    namespace: str
    name: str
    object: Object | None = None
    source: str = ""
    defaulted: bool = False  # the namespace is the command's, not the manifest's

    def named(self) -> str:
        return self.mapping.named(self.name)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file, not yet known to be an object."""

    source: str
    data: Any


def paths(session: Session, names: Sequence[str], recursive: bool) -> Iterator[str]:
    """Yield the files that `-f` names, `-` for standard input."""
    files = session.call.place.files
    for given in names:
        if given == "-":
            yield "-"
        elif given.startswith(("http://", "https://")):
            host = given.split("/")[2]
            raise CommandError(f'Get "{given}": dial tcp: lookup {host}: no such host')
        elif not files.exists(session.path_of(given)):
            raise CommandError(f'the path "{given}" does not exist')
        elif files.stat(session.path_of(given)).kind == "dir":
            found = list(_walk(session, given.rstrip("/") or "/", recursive))
            if not found:
                raise CommandError(f"error reading [{given}]: recognized file extensions are [{' '.join(EXTENSIONS)}]")
            yield from found
        else:
            yield given


def _walk(session: Session, folder: str, recursive: bool) -> Iterator[str]:
    files = session.call.place.files
    for entry in sorted(files.list(session.path_of(folder))):
        path = f"{folder}/{entry}"
        if files.stat(session.path_of(path)).kind == "dir":
            if recursive:
                yield from _walk(session, path, recursive)
        elif path.endswith(EXTENSIONS):
            yield path


def documents(session: Session, names: Sequence[str], recursive: bool) -> Iterator[Document | CommandError]:
    """Yield documents; what cannot be read is yielded as its failure."""
    for path in paths(session, names, recursive):
        source = "STDIN" if path == "-" else path
        try:
            raw = session.stdin() if path == "-" else session.read_file(path)
            for data in read(raw):
                yield Document(source, data)
        except goyaml.YamlError as problem:
            yield CommandError(f"error parsing {source}: error converting YAML to JSON: {problem}")
        except ValueError as problem:
            yield CommandError(f"error parsing {source}: {problem}")


def read(raw: bytes) -> Iterator[Any]:
    """Yield the non-empty documents of a YAML or JSON stream."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise goyaml.YamlError("invalid leading UTF-8 octet") from None
    if text.lstrip()[:1] == "{":
        yield from _json_stream(text)
        return
    for chunk in goyaml.documents(text):
        if chunk.strip():
            data = goyaml.load(chunk)
            if data is not None:
                yield data


def _json_stream(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    position = 0
    while True:
        while position < len(text) and text[position].isspace():
            position += 1
        if position >= len(text):
            return
        try:
            data, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            # Flow-style YAML also begins with a brace.
            yield from filter(None, goyaml.load_all(text[position:]))
            return
        yield data


def objects(
    session: Session, names: Sequence[str], *, recursive: bool = False, validate: bool = False, mapped: bool = True
) -> Iterator[Info | CommandError]:
    """Yield the objects of all named files, lists taken apart; failures stand where they happened."""
    for document in documents(session, names, recursive):
        if isinstance(document, CommandError):
            yield document
        else:
            yield from infos(session, document, validate)


def infos(session: Session, document: Document, validate: bool) -> Iterator[Info | CommandError]:
    """Yield the objects of one document."""
    for data in _flattened(document.data):
        problem = _missing_type(data, document.source, validate)
        yield problem or _info(session, data, document.source)


def _flattened(data: Any) -> Iterator[Any]:
    if isinstance(data, dict) and str(data.get("kind", "")).endswith("List") and isinstance(data.get("items"), list):
        for item in data["items"]:
            yield from _flattened(item)
    else:
        yield data


def _missing_type(data: Any, source: str, validate: bool) -> CommandError | None:
    ignore = "; if you choose to ignore these errors, turn validation off with --validate=false"
    if not isinstance(data, dict):
        if validate:
            return CommandError(
                f'error validating "{source}": error validating data: invalid object to validate{ignore}')
        shown = json.dumps(data, separators=(",", ":"))
        return CommandError(f'unable to decode "{source}": Object \'Kind\' is missing in \'{shown}\'')
    missing = [f"{field} not set" for field in ("apiVersion", "kind") if not data.get(field)]
    if not missing:
        return None
    if validate:
        text = missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]"
        return CommandError(f'error validating "{source}": error validating data: {text}{ignore}')
    field = "Kind" if not data.get("kind") else "apiVersion"
    shown = json.dumps(data, separators=(",", ":"), sort_keys=True)
    return CommandError(f"unable to decode \"{source}\": Object '{field}' is missing in '{shown}'")


def _json_word(data: Any) -> str:
    return {str: "string", bool: "bool", list: "array"}.get(type(data), "number")


def _info(session: Session, data: Object, source: str) -> Info | CommandError:
    api_version, kind = str(data["apiVersion"]), str(data["kind"])
    mapping = session.discovery.kind(api_version, kind)
    if mapping is None:
        return CommandError(
            f'resource mapping not found for name: "{name(data)}" namespace: "{namespace(data)}" from "{source}": '
            f'no matches for kind "{kind}" in version "{api_version}"\nensure CRDs are installed first')
    return _placed(session, Info(mapping, namespace(data), name(data), data, source))


def _placed(session: Session, info: Info) -> Info | CommandError:
    """Give a namespaced object its namespace; refuse one that contradicts -n."""
    if not info.mapping.namespaced:
        info.namespace = ""
        return info
    if info.namespace and session.enforces_namespace and info.namespace != session.namespace:
        return CommandError(
            f'the namespace from the provided object "{info.namespace}" does not match the namespace '
            f'"{session.namespace}". You must pass \'--namespace={info.namespace}\' to perform this operation.')
    if not info.namespace and info.object is not None:
        info.namespace = session.namespace
        info.defaulted = True
        meta = info.object.get("metadata")
        info.object = {**info.object, "metadata": {**(meta if isinstance(meta, dict) else {}),
                                                   "namespace": info.namespace}}
    return info
