"""Which secrets, configmaps, claims and accounts one pod or volume names, wherever in its spec it does.

Follows what `pkg/api/v1/pod` and `pkg/api/v1/persistentvolume` visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cluster.machinery.meta import Object

Reference = tuple[str, str]  # resource, name in the pod's namespace

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def of_pod(pod: Object) -> Iterator[Reference]:
    """Yield what a pod names in its own namespace."""
    spec = pod.get("spec") or {}
    if spec.get("serviceAccountName"):
        yield "serviceaccounts", spec["serviceAccountName"]
    for secret in spec.get("imagePullSecrets") or ():
        yield "secrets", secret.get("name", "")
    for field in _CONTAINERS:
        for container in spec.get(field) or ():
            yield from _of_container(container)
    for volume in spec.get("volumes") or ():
        yield from _of_volume(volume, pod["metadata"]["name"])
    yield from _of_claims(pod)


def secrets_and_maps(pod: Object) -> Iterator[Reference]:
    return ((resource, name) for resource, name in of_pod(pod) if resource in ("secrets", "configmaps"))


def _of_container(container: Mapping[str, Any]) -> Iterator[Reference]:
    for source in container.get("envFrom") or ():
        if source.get("secretRef"):
            yield "secrets", source["secretRef"].get("name", "")
        if source.get("configMapRef"):
            yield "configmaps", source["configMapRef"].get("name", "")
    for variable in container.get("env") or ():
        source = variable.get("valueFrom") or {}
        if source.get("secretKeyRef"):
            yield "secrets", source["secretKeyRef"].get("name", "")
        if source.get("configMapKeyRef"):
            yield "configmaps", source["configMapKeyRef"].get("name", "")


def _of_volume(volume: Mapping[str, Any], pod: str) -> Iterator[Reference]:
    if volume.get("secret"):
        yield "secrets", volume["secret"].get("secretName", "")
    if volume.get("configMap"):
        yield "configmaps", volume["configMap"].get("name", "")
    if volume.get("persistentVolumeClaim"):
        yield "persistentvolumeclaims", volume["persistentVolumeClaim"].get("claimName", "")
    if volume.get("ephemeral"):
        yield "persistentvolumeclaims", f"{pod}-{volume.get('name', '')}"
    for source in (volume.get("projected") or {}).get("sources") or ():
        if source.get("secret"):
            yield "secrets", source["secret"].get("name", "")
        if source.get("configMap"):
            yield "configmaps", source["configMap"].get("name", "")
    for name, _ in _driver_secrets(volume):
        yield "secrets", name


def _driver_secrets(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, namespace or '') of the secrets a volume's driver is handed."""
    for driver in source.values():
        if not isinstance(driver, dict):
            continue
        for field, value in driver.items():
            if field.lower().endswith("secretref") and isinstance(value, dict):
                yield value.get("name", ""), value.get("namespace", "")
    azure = source.get("azureFile") or {}
    if azure:
        yield azure.get("secretName", ""), azure.get("secretNamespace") or ""


def _of_claims(pod: Object) -> Iterator[Reference]:
    for claim in (pod.get("spec") or {}).get("resourceClaims") or ():
        if claim.get("resourceClaimName"):
            yield "resourceclaims.resource.k8s.io", claim["resourceClaimName"]
    for status in (pod.get("status") or {}).get("resourceClaimStatuses") or ():
        if status.get("resourceClaimName"):
            yield "resourceclaims.resource.k8s.io", status["resourceClaimName"]


def secrets_of_volume(volume: Object) -> Iterator[tuple[str, str]]:
    """Yield (namespace, name) of the secrets a PersistentVolume's driver needs."""
    spec = volume.get("spec") or {}
    claim = spec.get("claimRef") or {}
    for name, namespace in _driver_secrets(spec):
        yield namespace or claim.get("namespace", ""), name
