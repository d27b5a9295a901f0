"""Checks of where a container has its volumes: `volumeMounts` and `volumeDevices`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.kinds.podspec.volumes import descending_path, no_backsteps
from cluster.kinds.validation.fields import Errors, one_of
from cluster.machinery.fielderrors import forbidden_field, invalid_value, not_found_field, required

Part = Mapping[str, Any]

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")
_UNIQUE = "must be unique"


def _places(container: Part, field: str, path_field: str) -> dict[str, str]:
    return {one.get("name") or "": one.get(path_field) or "" for one in container.get(field) or ()}


def mounts(path: str, container: Part, known: Mapping[str, Part]) -> Errors:
    """Check a container's `volumeMounts` against the volumes of its pod."""
    errors: Errors = []
    places: set[str] = set()
    devices = _places(container, "volumeDevices", "devicePath")
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        here, name, place = f"{path}[{index}]", mount.get("name") or "", mount.get("mountPath") or ""
        errors += _mount_place(here, name, place, known, places)
        if name in devices:
            errors.append(invalid_value(f"{here}.name", name, "must not already exist in volumeDevices"))
        if place in devices.values():
            text = "must not already exist as a path in volumeDevices"
            errors.append(invalid_value(f"{here}.mountPath", place, text))
        errors += _sub_paths(path, here, mount) + _propagation(path, mount, container) + _recursion(path, mount)
    return errors


def _mount_place(path: str, name: str, place: str, known: Mapping[str, Part], places: set[str]) -> Errors:
    errors: Errors = [] if name else [required(f"{path}.name")]
    if name not in known:
        errors.append(not_found_field(f"{path}.name", name))
    if not place:
        errors.append(required(f"{path}.mountPath"))
    if place in places:
        errors.append(invalid_value(f"{path}.mountPath", place, _UNIQUE))
    places.add(place)
    return errors


# The index is missing from the paths of the following in the real server as well.
def _sub_paths(path: str, here: str, mount: Part) -> Errors:
    errors: Errors = []
    plain, expression = mount.get("subPath"), mount.get("subPathExpr")
    if plain:
        errors += descending_path(f"{path}.subPath", plain)
    if expression:
        if plain:
            text = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid_value(f"{here}.subPathExpr", expression, text))
        errors += descending_path(f"{path}.subPathExpr", expression)
    return errors


def _propagation(path: str, mount: Part, container: Part) -> Errors:
    spread = mount.get("mountPropagation")
    if spread is None:
        return []
    errors = one_of(f"{path}.mountPropagation", spread, _PROPAGATIONS)
    if spread == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
        text = "Bidirectional mount propagation is available only to privileged containers"
        errors.append(forbidden_field(f"{path}.mountPropagation", text))
    return errors


def _recursion(path: str, mount: Part) -> Errors:
    depth, where = mount.get("recursiveReadOnly"), f"{path}.recursiveReadOnly"
    if depth in (None, "Disabled"):
        return []
    if depth not in _RECURSIVE:
        return one_of(where, depth, _RECURSIVE)
    errors: Errors = []
    if not mount.get("readOnly"):
        errors.append(forbidden_field(where, "may only be specified when readOnly is true"))
    if mount.get("mountPropagation") not in (None, "None"):
        text = "may only be specified when mountPropagation is None or not specified"
        errors.append(forbidden_field(where, text))
    return errors


def devices(path: str, container: Part, known: Mapping[str, Part]) -> Errors:
    """Check a container's `volumeDevices`: claims that it gets as raw block devices."""
    errors: Errors = []
    names: set[str] = set()
    places: set[str] = set()
    mounted = _places(container, "volumeMounts", "mountPath")
    for index, device in enumerate(container.get("volumeDevices") or ()):
        here, name, place = f"{path}[{index}]", device.get("name") or "", device.get("devicePath") or ""
        errors += _device_name(f"{here}.name", name, known, names) + _device_path(f"{here}.devicePath", place, places)
        if name in mounted:
            errors.append(invalid_value(f"{here}.name", name, "must not already exist in volumeMounts"))
        if place in mounted.values():
            errors.append(
                invalid_value(f"{here}.devicePath", place, "must not already exist as a path in volumeMounts")
            )
    return errors


def _device_name(path: str, name: str, known: Mapping[str, Part], names: set[str]) -> Errors:
    errors: Errors = [] if name else [required(path)]
    if name in names:
        errors.append(invalid_value(path, name, _UNIQUE))
    volume = known.get(name)
    if volume is None:
        errors.append(not_found_field(path, name))
    elif volume.get("persistentVolumeClaim") is None and volume.get("ephemeral") is None:
        text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        errors.append(invalid_value(path, name, text))
    if name:
        names.add(name)
    return errors


def _device_path(path: str, place: str, places: set[str]) -> Errors:
    errors: Errors = [] if place else [required(path)]
    if place in places:
        errors.append(invalid_value(path, place, _UNIQUE))
    if no_backsteps(path, place):
        errors.append(invalid_value(path, place, "can not contain backsteps ('..')"))
    places.add(place)
    return errors
