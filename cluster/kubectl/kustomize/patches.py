"""patches, patchesStrategicMerge and patchesJson6902."""

from __future__ import annotations

import re
from typing import Any

from cluster.apiserver.lookup import SchemaLookup
from cluster.kinds import schema as schemas
from cluster.kubectl.command import Session
from cluster.kubectl.errors import CommandError
from cluster.kubectl.kustomize.resource import Resource
from cluster.kubectl.manifests import read
from cluster.machinery import goyaml, labels
from cluster.machinery.meta import labels as labels_of, meta
from cluster.machinery.patch import jsonpatch, merge, strategic
from cluster.workloads.files import FileError


def apply_all(session: Session, folder: str, kustomization: dict[str, Any], found: list[Resource]) -> None:
    for given in kustomization.get("patchesStrategicMerge") or ():
        text = _text(session, folder, given) if "\n" not in str(given) else str(given)
        _strategic_texts(text, None, found)
    for given in [*(kustomization.get("patches") or ()), *(kustomization.get("patchesJson6902") or ())]:
        text = str(given.get("patch") or "") or _text(session, folder, given.get("path", ""))
        _apply(text, given.get("target"), found)


def _text(session: Session, folder: str, path: str) -> str:
    try:
        return session.call.place.files.read(f"{folder}/{path}").decode(errors="replace")
    except FileError:
        raise CommandError(f"failed to get the patch file from path({path}): evalsymlink failure on '{folder}/{path}' "
                           f": "
                           f"lstat {folder}/{path}: no such file or directory") from None


def _apply(text: str, target: dict[str, Any] | None, found: list[Resource]) -> None:
    try:
        data = goyaml.load(text)
    except goyaml.YamlError as problem:
        raise CommandError(f"unable to parse SM or JSON patch from [{text}]: {problem}") from None
    if isinstance(data, list):
        for resource in _targets(target or {}, found):
            try:
                resource.data = jsonpatch.apply(resource.data, data)
            except jsonpatch.PatchError as problem:
                raise CommandError(str(problem)) from None
    else:
        _strategic_texts(text, target, found)


def _strategic_texts(text: str, target: dict[str, Any] | None, found: list[Resource]) -> None:
    for patch in read(text.encode()):
        chosen = _targets(target, found) if target else [
            one for one in found if one.kind == patch.get("kind") and meta(patch).get("name") in one.names()]
        if not chosen and not target:
            group, _, version = str(patch.get("apiVersion", "")).rpartition("/")
            raise CommandError(f"no resource matches strategic merge patch \"{patch.get('kind')}.{version}."
                               f"{group or '[noGrp]'}/{meta(patch).get('name')}.[noNs]\": no matches for Id")
        for resource in chosen:
            _merge(resource, patch, keep_name=bool(target))
    found[:] = [one for one in found if one.data.get("$patch") != "delete"]


def _merge(resource: Resource, patch: dict[str, Any], keep_name: bool) -> None:
    if patch.get("$patch") == "delete":
        resource.data["$patch"] = "delete"
        return
    name, kind = resource.name, resource.kind
    group, _, version = str(resource.data.get("apiVersion", "")).rpartition("/")
    schema = schemas.of_kind(group, version, kind)
    if schema is None:
        resource.data = merge.apply(resource.data, patch)
    else:
        resource.data = strategic.apply(resource.data, patch, SchemaLookup(schema))
    if keep_name or resource.name != name:
        resource.data["metadata"]["name"] = name
        resource.data["kind"] = kind


def _targets(target: dict[str, Any], found: list[Resource]) -> list[Resource]:
    return [one for one in found if _fits(target, one)]


def _fits(target: dict[str, Any], resource: Resource) -> bool:
    group, _, version = str(resource.data.get("apiVersion", "")).rpartition("/")
    have = {"group": group, "version": version, "kind": resource.kind, "namespace": resource.namespace}
    if any(target.get(field) and target[field] != value for field, value in have.items()):
        return False
    if target.get("name") and not any(re.fullmatch(str(target["name"]), name) for name in resource.names()):
        return False
    if target.get("labelSelector"):
        return labels.parse(target["labelSelector"]).matches(labels_of(resource.data))
    return True
