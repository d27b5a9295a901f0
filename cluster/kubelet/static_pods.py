"""Static pods: manifests on a machine's own disk, mirrored into the API by its kubelet.

The kubelet looks at /etc/kubernetes/manifests with every heartbeat (a real one is told by inotify).
https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import yaml

from cluster.apiserver.client import Client
from cluster.kubelet.host import Host
from cluster.kubelet.record import MIRROR
from cluster.kubelet.volumes import node_files_key
from cluster.machinery.clock import timestamp
from cluster.machinery.errors import StatusError
from cluster.machinery.meta import Object, annotations as annotations_of
from cluster.workloads.filesystem import content_of

FOLDER = "/etc/kubernetes/manifests"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SUFFIXES = (".yaml", ".yml", ".json")


def manifests(host: Host) -> dict[str, Object]:
    """Return the pods of the manifest folder by their hash; a file that is no pod is passed over."""
    tree: Mapping[str, Any] = host.context.state.get(node_files_key(host.name)) or {}
    found = {}
    for path, entry in tree.items():
        if path.startswith(f"{FOLDER}/") and path.endswith(_SUFFIXES) and entry is not None:
            pod = _pod(content_of(entry).decode("utf-8", "replace"), host.name)
            if pod is not None:
                found[pod["metadata"]["annotations"]["kubernetes.io/config.hash"]] = pod
    return found


@lru_cache(maxsize=256)
def _pod(text: str, node: str) -> Object | None:
    try:
        document = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict) or document.get("kind") != "Pod" or not document.get("spec"):
        return None
    digest = hashlib.md5(json.dumps([document, node], sort_keys=True).encode(), usedforsecurity=False).hexdigest()
    metadata = dict(document.get("metadata") or {})
    notes = {
        **(metadata.get("annotations") or {}),
        "kubernetes.io/config.hash": digest,
        MIRROR: digest,
        "kubernetes.io/config.source": "file",
    }
    metadata |= {"name": f"{metadata.get('name', 'pod')}-{node}", "annotations": notes}
    metadata.setdefault("namespace", "default")
    spec = {**document["spec"], "nodeName": node, "tolerations": [{"operator": "Exists", "effect": "NoExecute"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def reconcile(host: Host) -> list[Object]:
    """Make the mirror pods say what the folder says; return mirrors whose manifest is gone."""
    wanted = manifests(host)
    if bool(wanted) != bool(host.machine.get("static")):
        host.machine["static"] = bool(wanted)
        host.save()
    elif not wanted:
        return []
    store = host.context.store
    gone = []
    present = set()
    for pod in store.list("pods"):
        if (pod.get("spec") or {}).get("nodeName") != host.name or MIRROR not in annotations_of(pod):
            continue
        digest = annotations_of(pod)[MIRROR]
        if digest in wanted and not pod["metadata"].get("deletionTimestamp"):
            present.add(digest)
        else:
            gone.append(pod)
            _delete(host, pod)
    for digest, pod in wanted.items():
        if digest not in present:
            _create(host, pod)
    return [pod for pod in gone if annotations_of(pod)[MIRROR] not in wanted]


def _create(host: Host, pod: Object) -> None:
    node = host.context.store.get("nodes", "", host.name)
    metadata = dict(pod["metadata"])
    metadata["annotations"] = {**metadata["annotations"], "kubernetes.io/config.seen": timestamp(host.now)}
    if node is not None:
        owner = {"apiVersion": "v1", "kind": "Node", "name": host.name, "uid": node["metadata"]["uid"]}
        metadata["ownerReferences"] = [{**owner, "controller": True}]
    written(host, lambda client: client.create("pods", {**pod, "metadata": metadata}, metadata["namespace"]))


def written(host: Host, write: Callable[[Client], object]) -> None:
    """Write about a static pod, though the node be refused: a kubelet runs it with or without its mirror."""
    try:
        write(host.client)
    except StatusError as error:
        if error.code == 403:
            with suppress(StatusError):
                write(host.context.client)


def _delete(host: Host, pod: Object) -> None:
    options = {"gracePeriodSeconds": 0, "preconditions": {"uid": pod["metadata"]["uid"]}}
    metadata = pod["metadata"]
    written(host, lambda client: client.delete("pods", metadata["name"], metadata["namespace"], options))
