"""Which fields name which kinds, so that a renamed ConfigMap is still found by its pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cluster.kubectl.kustomize.resource import Resource

POD_FIELDS = (
    ("ConfigMap", ("volumes", "configMap", "name")),
    ("ConfigMap", ("volumes", "projected", "sources", "configMap", "name")),
    ("ConfigMap", ("containers", "envFrom", "configMapRef", "name")),
    ("ConfigMap", ("containers", "env", "valueFrom", "configMapKeyRef", "name")),
    ("ConfigMap", ("initContainers", "envFrom", "configMapRef", "name")),
    ("ConfigMap", ("initContainers", "env", "valueFrom", "configMapKeyRef", "name")),
    ("Secret", ("volumes", "secret", "secretName")),
    ("Secret", ("volumes", "projected", "sources", "secret", "name")),
    ("Secret", ("containers", "envFrom", "secretRef", "name")),
    ("Secret", ("containers", "env", "valueFrom", "secretKeyRef", "name")),
    ("Secret", ("initContainers", "envFrom", "secretRef", "name")),
    ("Secret", ("initContainers", "env", "valueFrom", "secretKeyRef", "name")),
    ("Secret", ("imagePullSecrets", "name")),
    ("ServiceAccount", ("serviceAccountName",)),
    ("PersistentVolumeClaim", ("volumes", "persistentVolumeClaim", "claimName")),
)
OWN_FIELDS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "StatefulSet": (("Service", ("spec", "serviceName")),),
    "Ingress": (
        ("Service", ("spec", "rules", "http", "paths", "backend", "service", "name")),
        ("Service", ("spec", "defaultBackend", "service", "name")), ("Secret", ("spec", "tls", "secretName"))),
    "PersistentVolumeClaim": (("PersistentVolume", ("spec", "volumeName")),),
    "ServiceAccount": (("Secret", ("secrets", "name")), ("Secret", ("imagePullSecrets", "name"))),
}
WORKLOADS = {
    "Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"),
                    ("spec", "template", "spec")),
}


def pod_spec(resource: Resource) -> dict[str, Any] | None:
    node: Any = resource.data
    for word in WORKLOADS.get(resource.kind, ("",)):
        node = node.get(word) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def holders(node: Any, path: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield every object that has the last field of `path`, through lists."""
    if isinstance(node, list):
        for item in node:
            yield from holders(item, path)
    elif isinstance(node, dict) and path[0] in node:
        if len(path) == 1:
            yield node
        else:
            yield from holders(node[path[0]], path[1:])


def update(found: list[Resource]) -> None:
    """Write the present names where former ones stand."""
    renamed = {(one.kind, former): one.name for one in found for former in one.former}
    for resource in found:
        spec = pod_spec(resource)
        fields: list[tuple[dict[str, Any], str, Sequence[str]]] = []
        if spec is not None:
            fields += [(spec, kind, path) for kind, path in POD_FIELDS]
        fields += [(resource.data, kind, path) for kind, path in OWN_FIELDS.get(resource.kind, ())]
        for root, kind, path in fields:
            for holder in holders(root, path):
                holder[path[-1]] = renamed.get((kind, holder[path[-1]]), holder[path[-1]])
        _roles(resource, renamed)


def _roles(resource: Resource, renamed: dict[tuple[str, str], str]) -> None:
    for ref in [resource.data.get("roleRef"), resource.data.get("spec", {}).get("scaleTargetRef"),
                *(resource.data.get("subjects") or ())]:
        if isinstance(ref, dict) and "name" in ref:
            ref["name"] = renamed.get((str(ref.get("kind")), ref["name"]), ref["name"])
