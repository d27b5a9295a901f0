"""The explicit state of one pod on its node: the state-book entry `kubelet/<node>/<uid>`.

Everything a kubelet and its runtime must remember is in this JSON: a worker that dies between two
steps loses nothing, and any other goes on from here.
"""

from __future__ import annotations

from typing import Any

from cluster.machinery.meta import Object, annotations as annotations_of, name, namespace, uid

Record = dict[str, Any]
Container = dict[str, Any]
PREFIX = "kubelet/"
MIRROR = "kubernetes.io/config.mirror"

INIT, SIDECAR, MAIN, EPHEMERAL = "init", "sidecar", "main", "ephemeral"
_LISTS = (("initContainers", INIT), ("containers", MAIN), ("ephemeralContainers", EPHEMERAL))


def pod_id(pod: Object) -> str:
    """Return the kubelet's own id of a pod: a static pod's is its manifest's hash, not its mirror's uid."""
    return annotations_of(pod).get(MIRROR) or uid(pod)


def record_key(node: str, identity: str) -> str:
    return f"{PREFIX}{node}/{identity}"


def container_specs(pod: Object) -> list[tuple[str, Object]]:
    """Return (kind, container) in the order the kubelet starts them."""
    spec = pod.get("spec") or {}
    found = []
    for field, kind in _LISTS:
        for container in spec.get(field) or ():
            sidecar = kind == INIT and container.get("restartPolicy") == "Always"
            found.append((SIDECAR if sidecar else kind, container))
    return found


def new_container(kind: str, spec: Object, *, waits_for_init: bool) -> Container:
    reason = "PodInitializing" if waits_for_init else "ContainerCreating"
    return {
        "kind": kind,
        "image": spec["image"],
        "state": "waiting",
        "reason": reason,
        "message": "",
        "step": "new",
        "at": 0.0,
        "restarts": 0,
        "id": "",
        "imageID": "",
        "ready": False,
        "started": False,
        "last": None,
        "process": None,
    }


def new_record(pod: Object, node: str, now: float, sandbox: str) -> Record:
    """Return the record of a pod that has just been admitted."""
    specs = container_specs(pod)
    has_init = any(kind in (INIT, SIDECAR) for kind, _ in specs)
    return {
        "uid": pod_id(pod),
        "node": node,
        "namespace": namespace(pod),
        "name": name(pod),
        "stage": "setup",
        "since": now,
        "at": now,
        "sandbox": sandbox,
        "ip": "",
        "containers": {
            spec["name"]: new_container(kind, spec, waits_for_init=has_init and not spec.get("restartPolicy"))
            for kind, spec in specs
        },
    }
