"""Volumes of a pod: whether they can be set up, what is in them, and where containers see them.

Contents are trees in the state book: `volumes/<pod>/<name>` for what dies with the pod,
`volumes/pv/<name>` for persistent ones, `files/node/<node>` (the machine's own disk) for hostPath.
Sizes and access modes are not enforced; every network or cloud volume behaves like a local one.
https://kubernetes.io/docs/concepts/storage/volumes/
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cluster.kubelet.environment import ConfigError, field_value, resource_value
from cluster.machinery.meta import Object, name, namespace
from cluster.store.interface import StateBook, Store
from cluster.workloads.filesystem import Tree, file_entry

API_ACCESS = "kube-api-access-"


class NotReady(Exception):
    """A volume cannot be mounted yet; `reason` is the event's."""

    def __init__(self, message: str, reason: str = "FailedMount"):
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Surroundings:
    """What setting up a volume needs to know beyond the pod."""

    store: Store
    state: StateBook
    node: str
    facts: Mapping[str, str]
    allocatable: Mapping[str, str]
    token: Callable[[Mapping[str, Any]], str]


Source = Mapping[str, Any]


def volume_key(identity: str, volume: str) -> str:
    return f"volumes/{identity}/{volume}"


def node_files_key(node: str) -> str:
    return f"files/node/{node}"


def forget(state: StateBook, identity: str) -> None:
    for key in state.keys(f"volumes/{identity}/"):
        state.drop(key)


def is_api_access(volume: Mapping[str, Any]) -> bool:
    return str(volume["name"]).startswith(API_ACCESS) and "projected" in volume


def set_up(around: Surroundings, pod: Object, identity: str) -> None:
    """Make every volume ready; NotReady for the first that cannot be."""
    for volume in pod["spec"].get("volumes") or ():
        if not is_api_access(volume):
            _set_up_one(around, pod, identity, volume)


def _set_up_one(around: Surroundings, pod: Object, identity: str, volume: Mapping[str, Any]) -> None:
    key = volume_key(identity, volume["name"])
    content = content_of(around, pod, volume)
    if content is None:
        _check(around, pod, volume)
        if "emptyDir" in volume and around.state.get(key) is None:
            around.state.put(key, {})
        return
    if around.state.get(key) != content:
        around.state.put(key, content)


def content_of(around: Surroundings, pod: Object, volume: Mapping[str, Any]) -> Tree | None:
    """Return the files of a volume made from API objects; None for every other kind."""
    for kind, read in _CONTENT.items():
        if kind in volume:
            source = volume[kind] or {}
            try:
                files = read(around, pod, source)
            except ConfigError as error:
                raise NotReady(f'MountVolume.SetUp failed for volume "{volume["name"]}" : {error}') from error
            return _as_tree(files, source.get("defaultMode"))
    return None


def _as_tree(files: Mapping[str, tuple[bytes, int | None]], default_mode: int | None) -> Tree:
    """Lay files out as the kubelet's atomic writer does: `..data` names the current set."""
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    current = f"..2026_01_01_00_00_00.{int(digest[:8], 16)}"
    tree: Tree = {"/..data": {"link": current}}
    for path, (data, mode) in files.items():
        chosen = mode if mode is not None else default_mode
        attributes = {} if chosen in (None, 0o644) else {"mode": chosen}
        tree[f"/{current}/{path}"] = file_entry(data, **attributes)
        top = path.split("/")[0]
        tree[f"/{top}"] = {"link": f"..data/{top}"}
    return tree


def part_of(tree: Tree, sub_path: str) -> Tree:
    """Return a copy of what a `subPath` names in such a tree, as a tree of its own; it does not follow changes."""
    wanted = sub_path.strip("/")
    root = f"/{tree['/..data']['link']}/{wanted}" if "/..data" in tree else f"/{wanted}"
    if root in tree:
        return {"/": tree[root]}
    return {key[len(root) :]: entry for key, entry in tree.items() if key.startswith(f"{root}/")} or {
        "/": {"dir": True}
    }


def _select(data: Mapping[str, bytes], source: Source, what: str, owner: str) -> dict[str, tuple[bytes, int | None]]:
    items = source.get("items")
    if not items:
        return {key: (value, None) for key, value in data.items()}
    found = {}
    for item in items:
        if item["key"] not in data:
            if source.get("optional"):
                continue
            raise ConfigError(f"{what} references non-existent config key: {item['key']}")
        found[item["path"]] = (data[item["key"]], item.get("mode"))
    return found


def _config_map(around: Surroundings, pod: Object, source: Source) -> dict[str, tuple[bytes, int | None]]:
    wanted = source.get("name", "")
    found = around.store.get("configmaps", namespace(pod), wanted)
    if found is None:
        if source.get("optional"):
            return {}
        raise ConfigError(f'configmap "{wanted}" not found')
    data = {key: value.encode() for key, value in (found.get("data") or {}).items()}
    data |= {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}
    return _select(data, source, "configmap", wanted)


def _secret(around: Surroundings, pod: Object, source: Source) -> dict[str, tuple[bytes, int | None]]:
    wanted = source.get("secretName") or source.get("name", "")
    found = around.store.get("secrets", namespace(pod), wanted)
    if found is None:
        if source.get("optional"):
            return {}
        raise ConfigError(f'secret "{wanted}" not found')
    data = {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
    return _select(data, source, "secret", wanted)


def _downward(around: Surroundings, pod: Object, source: Source) -> dict[str, tuple[bytes, int | None]]:
    found = {}
    for item in source.get("items") or ():
        if "fieldRef" in item:
            text = field_value(pod, item["fieldRef"]["fieldPath"], around.facts)
        else:
            text = resource_value(pod, pod["spec"]["containers"][0], item["resourceFieldRef"], around.allocatable)
        found[item["path"]] = (text.encode(), item.get("mode"))
    return found


def _token(around: Surroundings, pod: Object, source: Source) -> dict[str, tuple[bytes, int | None]]:
    return {source.get("path", "token"): (around.token(source).encode(), None)}


def _projected(around: Surroundings, pod: Object, source: Source) -> dict[str, tuple[bytes, int | None]]:
    found: dict[str, tuple[bytes, int | None]] = {}
    for part in source.get("sources") or ():
        for kind, read in _PROJECTED.items():
            if kind in part:
                found |= read(around, pod, part[kind])
    return found


_PROJECTED = {
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward,
    "serviceAccountToken": _token,
}
_CONTENT = {"configMap": _config_map, "secret": _secret, "downwardAPI": _downward, "projected": _projected}


# -- volumes that keep what is written --------------------------------------------------------------


def _check(around: Surroundings, pod: Object, volume: Mapping[str, Any]) -> None:
    if "hostPath" in volume:
        _check_host_path(around, volume)
    elif "persistentVolumeClaim" in volume or "ephemeral" in volume:
        bound_volume(around.store, pod, volume)


def bound_volume(store: Store, pod: Object, volume: Mapping[str, Any]) -> str:
    """Return the persistent volume behind a claim; NotReady when there is none."""
    claim = (volume.get("persistentVolumeClaim") or {}).get("claimName") or f"{name(pod)}-{volume['name']}"
    found = store.get("persistentvolumeclaims", namespace(pod), claim)
    if found is None:
        raise NotReady(
            f"Unable to attach or mount volumes: unmounted volumes=[{volume['name']}], unattached volumes=[], "
            f"failed to process volumes=[{volume['name']}]: error processing PVC {namespace(pod)}/{claim}: "
            f'failed to fetch PVC from API server: persistentvolumeclaims "{claim}" not found'
        )
    if (found.get("status") or {}).get("phase") != "Bound":
        raise NotReady(
            f"Unable to attach or mount volumes: unmounted volumes=[{volume['name']}], unattached volumes=[], "
            f"failed to process volumes=[{volume['name']}]: error processing PVC {namespace(pod)}/{claim}: "
            "PVC is not bound"
        )
    return str(found["spec"].get("volumeName", ""))


_HOST_KINDS = {"Directory": ("dir", "a directory"), "File": ("file", "a file")}


def _check_host_path(around: Surroundings, volume: Mapping[str, Any]) -> None:
    source = volume["hostPath"]
    wanted, path = source.get("type", ""), source["path"].rstrip("/") or "/"
    tree: Tree = around.state.get(node_files_key(around.node)) or {}
    kind = host_kind(tree, path)
    if wanted in _HOST_KINDS and kind != _HOST_KINDS[wanted][0]:
        raise NotReady(
            f'MountVolume.SetUp failed for volume "{volume["name"]}" : hostPath type check failed: '
            f"{source['path']} is not {_HOST_KINDS[wanted][1]}"
        )
    if not kind and wanted in ("DirectoryOrCreate", "FileOrCreate", ""):
        tree[path] = {"text": ""} if wanted == "FileOrCreate" else {"dir": True}
        around.state.put(node_files_key(around.node), tree)


SYSTEM_FOLDERS = ("/", "/etc", "/var", "/var/log", "/var/lib", "/var/lib/kubelet", "/run", "/tmp", "/proc", "/sys",
                  "/dev", "/usr", "/usr/share", "/opt", "/home", "/root", "/mnt", "/data", "/boot", "/lib/modules",
                  "/etc/ssl/certs", "/etc/kubernetes", "/etc/kubernetes/pki", "/var/lib/etcd", "/run/containerd",
                  "/var/run", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/ca-certificates",
                  "/var/log/pods", "/var/log/containers", "/var/lib/docker/containers", "/var/lib/docker")  # fmt: skip
_FILES = {"/run/xtables.lock", "/etc/kubernetes/scheduler.conf", "/etc/kubernetes/controller-manager.conf"}


def host_kind(tree: Mapping[str, Any], path: str) -> str:
    """Return what stands at `path` on a machine: dir, file or ''."""
    if path in tree:
        entry = tree[path]
        return "dir" if isinstance(entry, Mapping) and entry.get("dir") else "file" if entry is not None else ""
    if path in _FILES:
        return "file"
    if path in SYSTEM_FOLDERS or any(key.startswith(f"{path}/") for key in tree):
        return "dir"
    return ""


def mounted_objects(pod: Object) -> list[list[str]]:
    """Return [kind, name] of the ConfigMaps and Secrets a pod mounts, whose changes reach its volumes."""
    found = []
    for volume in pod["spec"].get("volumes") or ():
        if is_api_access(volume):
            continue
        for part in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            if "configMap" in part:
                found.append(["configMap", part["configMap"].get("name", "")])
            if "secret" in part:
                found.append(["secret", part["secret"].get("secretName") or part["secret"].get("name", "")])
    return found
