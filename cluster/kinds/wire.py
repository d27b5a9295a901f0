"""What decoding into Go's structs and encoding again does to an object: the form in which a server stores it.

Nulls, empty lists and empty maps vanish, quantities get their canonical spelling, and zero values of
fields that Go cannot tell from absent ones are dropped. Runs on a draft, after decoding has found every
type right. Simplified: only the fields named in `_ZERO_IS_ABSENT` lose their zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cluster.kinds import schema as schemas
from cluster.machinery import quantity
from cluster.machinery.meta import Object

_CORE = "io.k8s.api.core.v1."
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."

_ZERO_IS_ABSENT: Mapping[str, frozenset[str]] = {
    _META + "ObjectMeta": frozenset({"name", "namespace", "generateName", "uid", "resourceVersion", "generation"}),
    _CORE + "PodSpec": frozenset(
        {
            *("hostNetwork", "hostPID", "hostIPC", "nodeName", "hostname", "subdomain", "serviceAccountName"),
            *("serviceAccount", "priorityClassName", "schedulerName", "restartPolicy", "dnsPolicy"),
        }
    ),
    _CORE + "Container": frozenset(
        {
            *("image", "workingDir", "imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy"),
            *("stdin", "stdinOnce", "tty"),
        }
    ),
    _CORE + "ContainerPort": frozenset({"name", "hostPort", "protocol", "hostIP"}),
    _CORE + "EnvVar": frozenset({"value"}),
    _CORE + "EnvFromSource": frozenset({"prefix"}),
    _CORE + "VolumeMount": frozenset({"readOnly", "subPath", "subPathExpr"}),
    _CORE + "Probe": frozenset(
        {"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"}
    ),
    _CORE + "HTTPGetAction": frozenset({"path", "host", "scheme"}),
    _CORE + "TCPSocketAction": frozenset({"host"}),
    _CORE + "EmptyDirVolumeSource": frozenset({"medium"}),
    _CORE + "PersistentVolumeClaimVolumeSource": frozenset({"readOnly"}),
    _CORE + "NFSVolumeSource": frozenset({"readOnly"}),
    _CORE + "ISCSIVolumeSource": frozenset({"readOnly", "chapAuthDiscovery", "chapAuthSession"}),
    _CORE + "ISCSIPersistentVolumeSource": frozenset({"readOnly", "chapAuthDiscovery", "chapAuthSession"}),
    _CORE + "RBDVolumeSource": frozenset({"readOnly"}),
    _CORE + "CephFSVolumeSource": frozenset({"readOnly"}),
    _CORE + "GlusterfsVolumeSource": frozenset({"readOnly"}),
    _CORE + "GlusterfsPersistentVolumeSource": frozenset({"readOnly"}),
    _CORE + "FCVolumeSource": frozenset({"readOnly"}),
    _CORE + "FlexVolumeSource": frozenset({"readOnly"}),
    _CORE + "CSIPersistentVolumeSource": frozenset({"readOnly"}),
    _CORE + "AzureFileVolumeSource": frozenset({"readOnly"}),
    _CORE + "GCEPersistentDiskVolumeSource": frozenset({"readOnly", "partition", "fsType"}),
    _CORE + "AWSElasticBlockStoreVolumeSource": frozenset({"readOnly", "partition", "fsType"}),
    _CORE + "Toleration": frozenset({"key", "operator", "value", "effect"}),
    _CORE + "Taint": frozenset({"value"}),
    _CORE + "ServiceSpec": frozenset(
        {
            *("clusterIP", "type", "sessionAffinity", "loadBalancerIP", "externalName", "externalTrafficPolicy"),
            *("healthCheckNodePort", "publishNotReadyAddresses"),
        }
    ),
    _CORE + "ServicePort": frozenset({"name", "protocol", "nodePort"}),
    _CORE + "NodeSpec": frozenset({"unschedulable", "podCIDR", "providerID"}),
    _CORE + "PersistentVolumeSpec": frozenset({"storageClassName", "persistentVolumeReclaimPolicy"}),
    _CORE + "PersistentVolumeClaimSpec": frozenset({"volumeName"}),
    _CORE + "ReplicationControllerSpec": frozenset({"minReadySeconds"}),
    _CORE + "LocalObjectReference": frozenset(),
    "io.k8s.api.apps.v1.DeploymentSpec": frozenset({"minReadySeconds", "paused"}),
    "io.k8s.api.apps.v1.ReplicaSetSpec": frozenset({"minReadySeconds"}),
    "io.k8s.api.apps.v1.StatefulSetSpec": frozenset({"minReadySeconds", "podManagementPolicy"}),
    "io.k8s.api.apps.v1.DaemonSetSpec": frozenset({"minReadySeconds"}),
    "io.k8s.api.apps.v1.DeploymentStrategy": frozenset({"type"}),
    "io.k8s.api.batch.v1.CronJobSpec": frozenset({"concurrencyPolicy"}),
    "io.k8s.api.rbac.v1.Subject": frozenset({"apiGroup", "namespace"}),
    "io.k8s.api.scheduling.v1.PriorityClass": frozenset({"globalDefault", "description"}),
}

Step = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _struct(name: str) -> Step:
    def step(value: Any) -> Any:
        return _clean(value, _steps(name), _ZERO_IS_ABSENT.get(name, frozenset())) if isinstance(value, dict) else value

    return step


def _inline(schema: schemas.Schema) -> Step:
    fields = {field: _step(inner) for field, inner in schemas.properties(schema).items()}
    return lambda value: _clean(value, fields, frozenset()) if isinstance(value, dict) else value


def _map(inner: Step) -> Step:
    def step(value: Any) -> Any:
        if isinstance(value, dict):
            for key, one in value.items():
                value[key] = inner(one)
        return value

    return step


def _list(inner: Step) -> Step:
    def step(value: Any) -> Any:
        if isinstance(value, list):
            value[:] = [inner(one) for one in value]
        return value

    return step


def _amount(value: Any) -> Any:
    try:
        return quantity.canonical(value)
    except ValueError:
        return value


def _step(schema: schemas.Schema) -> Step | None:
    """Return what to do with a field's value; None for a plain scalar."""
    if schemas.is_quantity(schema):
        return _amount
    name = schemas.reference(schema)
    if name and schemas.properties(schema):
        return _struct(name)
    inner = schemas.items(schema) or schemas.values(schema)
    if inner is not None:
        wrap = _list if schemas.items(schema) is not None else _map
        step = wrap(_step(inner) or _same)
        step.__dict__["empties"] = True
        return step
    return _inline(schema) if schemas.properties(schema) else None


@cache
def _steps(name: str) -> Mapping[str, Step | None]:
    """Return field -> step of one definition, for every field."""
    return {field: _step(inner) for field, inner in schemas.definitions()[name].get("properties", {}).items()}


def _clean(value: dict[str, Any], steps: Mapping[str, Step | None], zeros: frozenset[str]) -> dict[str, Any]:
    for field in list(value):
        content = value[field]
        if content is None or (field in zeros and not content):
            del value[field]
            continue
        step = steps.get(field)
        if step is None:
            continue
        if not content and "empties" in step.__dict__:
            del value[field]
        else:
            value[field] = step(content)
    return value


def normalise(group: str, version: str, kind: str, draft: Object) -> Object:
    """Bring `draft` of a published kind into stored form, in place; other kinds stay as they are."""
    name = schemas.definition_name(group, version, kind)
    if name is None:
        return draft
    return _clean(draft, _steps(name), frozenset())
