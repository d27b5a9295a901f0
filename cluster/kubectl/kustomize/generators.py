"""configMapGenerator and secretGenerator, and names that carry a hash of the content."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.kustomize import references
from cluster.kubectl.kustomize.resource import Resource
from cluster.kubectl.printers.structured import compact_json
from cluster.machinery.meta import Object
from cluster.workloads.files import FileError

_LETTERS = str.maketrans("013ae", "ghkmt")


def generate(session: Session, folder: str, kustomization: dict[str, Any]) -> list[Resource]:
    found = []
    options = kustomization.get("generatorOptions") or {}
    for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for given in kustomization.get(field) or ():
            found.append(_one(session, folder, given, kind, {**options, **(given.get("options") or {})}))
    return found


def _one(session: Session, folder: str, given: dict[str, Any], kind: str, options: dict[str, Any]) -> Resource:
    data = _data(session, folder, given)
    metadata: dict[str, Any] = {"name": given.get("name", "")}
    for field in ("labels", "annotations"):
        if options.get(field):
            metadata[field] = dict(options[field])
    if given.get("namespace"):
        metadata["namespace"] = given["namespace"]
    obj: Object = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
    if kind == "Secret":
        obj["data"] = {key: base64.b64encode(value).decode() for key, value in sorted(data.items())}
        obj["type"] = given.get("type") or "Opaque"
    else:
        obj["data"] = {key: value.decode(errors="replace") for key, value in sorted(data.items())}
    return Resource(obj, hashed=not options.get("disableNameSuffixHash"))


def _data(session: Session, folder: str, given: dict[str, Any]) -> dict[str, bytes]:
    data: dict[str, bytes] = {}
    for text in given.get("literals") or ():
        key, equals, value = str(text).partition("=")
        if not equals:
            raise CommandError(f"invalid literal source {text}, expected key=value")
        data[key] = value.strip("'\"").encode()
    for text in given.get("files") or ():
        key, equals, path = str(text).partition("=")
        path = path if equals else key
        data[key if equals else path.rpartition("/")[2]] = _read(session, folder, path)
    for path in [*(given.get("envs") or ()), *([given["env"]] if given.get("env") else ())]:
        for line in _read(session, folder, str(path)).decode(errors="replace").splitlines():
            if line.strip() and not line.lstrip().startswith("#"):
                key, _, value = line.partition("=")
                data[key.strip()] = value.encode()
    return data


def _read(session: Session, folder: str, path: str) -> bytes:
    try:
        return session.call.place.files.read(f"{folder}/{path}")
    except FileError:
        raise CommandError(f"loading KV pairs: file sources: [{path}]: evalsymlink failure on '{folder}/{path}' : "
                           f"lstat "
                           f"{folder}/{path}: no such file or directory") from None


def content_hash(obj: Object) -> str:
    """Return kustomize's ten letters of an object's content."""
    words = {"data": obj.get("data") or {}, "kind": obj["kind"], "name": obj["metadata"]["name"]}
    if obj["kind"] == "Secret":
        words["type"] = obj.get("type", "")
    return hashlib.sha256(compact_json(words).encode()).hexdigest()[:10].translate(_LETTERS)


def name_by_content(found: list[Resource]) -> None:
    """Append the hash to the names of generated objects, and to whatever names them."""
    for resource in found:
        if resource.hashed:
            resource.rename(f"{resource.name}-{content_hash(resource.data)}")
    references.update(found)
