"""Short builders of objects, and a store that hands every write to whoever watches."""

from __future__ import annotations

from typing import Any

from cluster.machinery.meta import Object
from cluster.store.interface import Revision
from cluster.store.memory import MemoryStore

APPS = "apps/v1"


def meta(name: str, namespace: str = "default", **more: Any) -> dict[str, Any]:
    return {"name": name, "uid": f"uid-{name}", **({"namespace": namespace} if namespace else {}), **more}


def owned_by(kind: str, name: str, api: str = APPS) -> list[dict[str, Any]]:
    return [{"apiVersion": api, "kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}]


def pod(name: str, *, node: str = "", image: str = "nginx", ready: bool = False, **more: Any) -> Object:
    container = {"name": "main", "image": image, **more.pop("container", {})}
    spec = {"containers": [container], **({"nodeName": node} if node else {}), **more.pop("spec", {})}
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
    status = {"phase": "Running", "conditions": conditions} if ready else {"phase": "Pending"}
    status |= more.pop("status", {})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, **more), "spec": spec, "status": status}


def service(name: str, **selector: str) -> Object:
    spec = {"selector": selector, "clusterIP": "10.96.0.7", "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name), "spec": spec}


def slice_of(service_name: str, ready: int) -> Object:
    labels = {"kubernetes.io/service-name": service_name}
    endpoints = [{"addresses": [f"10.244.1.{n}"], "conditions": {"ready": True}} for n in range(ready)]
    return {"kind": "EndpointSlice", "metadata": meta(f"{service_name}-x", labels=labels), "endpoints": endpoints}


def node(name: str, *, ready: str = "True", **spec: Any) -> Object:
    room = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    status = {"allocatable": room, "conditions": [{"type": "Ready", "status": ready}]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": meta(name, ""), "spec": spec, "status": status}


def workload(kind: str, name: str, want: int, have: int = 0, **more: Any) -> Object:
    template = {"spec": {"containers": [{"name": "main", "image": more.pop("image", "nginx")}]}}
    status = {"replicas": have, "updatedReplicas": have, "readyReplicas": have}
    spec = {"replicas": want, "template": template}
    return {"apiVersion": APPS, "kind": kind, "metadata": meta(name, **more), "spec": spec, "status": status}


class Cluster:
    """A memory store with plain writes."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def put(self, resource: str, obj: Object) -> Revision:
        return self.store.put(resource, obj, actor="ada", cause="", time=0.0)

    def remove(self, resource: str, obj: Object) -> Revision:
        return self.store.remove(resource, obj, actor="ada", cause="", time=0.0)
