"""Checks of PersistentVolumes and PersistentVolumeClaims, created and changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.podspec.update import go_diff
from cluster.kinds.podspec.volumes import SOURCES, claim_spec, host_path, no_backsteps, source_errors
from cluster.kinds.validation.fields import Errors, one_of, texts
from cluster.kinds.validation.selectors import node_selector
from cluster.machinery.fielderrors import forbidden_field, invalid_value, required, unsupported
from cluster.machinery.meta import Object, meta
from cluster.machinery.names import dns_subdomain
from cluster.machinery.quantity import parse

Spec = Mapping[str, Any]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_CLAIM_FIXED = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


def _local(path: str, source: Spec) -> Errors:
    if not source.get("path"):
        return [required(f"{path}.path")]
    return no_backsteps(f"{path}.path", source["path"])


def _csi(path: str, source: Spec) -> Errors:
    return [required(f"{path}.{field}") for field in ("driver", "volumeHandle") if not source.get(field)]


_OF_PODS_ONLY = frozenset(
    {
        *("emptyDir", "gitRepo", "secret", "persistentVolumeClaim", "downwardAPI", "configMap", "projected"),
        *("ephemeral", "image"),
    }
)
_SOURCES: Mapping[str, Callable[[str, Spec], Errors]] = {
    **{field: check for field, check in SOURCES.items() if field not in _OF_PODS_ONLY},
    "hostPath": host_path,
    "local": _local,
    "csi": _csi,
}


def validate_volume(obj: Object) -> Errors:
    spec = obj.get("spec") or {}
    modes = spec.get("accessModes") or []
    errors: Errors = [] if modes else [required("spec.accessModes")]
    for mode in modes:
        errors += one_of("spec.accessModes", mode, _MODES)
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        text = "may not use ReadWriteOncePod with other access modes"
        errors.append(forbidden_field("spec.accessModes", text))
    errors += _capacity(spec.get("capacity"))
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy:
        errors += one_of("spec.persistentVolumeReclaimPolicy", policy, ("Delete", "Recycle", "Retain"))
    affinity = spec.get("nodeAffinity")
    if affinity is not None and affinity.get("required") is not None:
        errors += node_selector("spec.nodeAffinity.required", affinity["required"])
    elif affinity is not None:
        errors.append(required("spec.nodeAffinity.required", "must specify required node constraints"))
    elif spec.get("local") is not None:
        errors.append(required("spec.nodeAffinity", "Local volume requires node affinity"))
    errors += source_errors("spec", spec, _SOURCES)
    return errors + _volume_rest(spec)


def _capacity(capacity: Spec | None) -> Errors:
    errors: Errors = [] if capacity else [required("spec.capacity")]
    if not capacity or "storage" not in capacity or len(capacity) > 1:
        errors.append(unsupported("spec.capacity", capacity, ("storage",)))
    for name, value in (capacity or {}).items():
        amount, where = parse(value), f"spec.capacity[{name}]"
        if amount.nanos < 0:
            errors.append(invalid_value(where, amount.value, "must be a valid resource quantity"))
        if amount.nanos <= 0:
            errors.append(invalid_value(where, str(amount), "must be greater than zero"))
    return errors


def _volume_rest(spec: Spec) -> Errors:
    errors: Errors = []
    path = spec.get("hostPath") or {}
    if path.get("path") == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        text = "may not be 'recycle' for a hostPath mount of '/'"
        errors.append(forbidden_field("spec.persistentVolumeReclaimPolicy", text))
    name = spec.get("storageClassName")
    if name:
        errors += texts("spec.storageClassName", name, dns_subdomain(name))
    errors += one_of("spec.volumeMode", spec.get("volumeMode") or "Filesystem", ("Block", "Filesystem"))
    attributes = spec.get("volumeAttributesClassName")
    if attributes == "":
        errors.append(required("spec.volumeAttributesClassName", "an empty string is disallowed"))
    elif attributes is not None:
        errors += texts("spec.volumeAttributesClassName", attributes, dns_subdomain(attributes))
    if attributes is not None and spec.get("csi") is None:
        text = "has to be specified when using volumeAttributesClassName"
        errors.append(required("spec.csi", text))
    return errors


def _source_of(spec: Spec) -> Spec:
    return {field: spec[field] for field in _SOURCES if spec.get(field) is not None}


def update_volume(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = validate_volume(new)
    if _source_of(spec) != _source_of(before):
        difference = go_diff("PersistentVolumeSource", _source_of(before), _source_of(spec))
        text = f"spec.persistentvolumesource is immutable after creation\n{difference}"
        errors.append(forbidden_field("spec.persistentvolumesource", text))
    if spec.get("volumeMode") != before.get("volumeMode"):
        errors.append(invalid_value("volumeMode", spec.get("volumeMode"), "field is immutable"))
    if before.get("nodeAffinity") is not None and spec.get("nodeAffinity") != before["nodeAffinity"]:
        errors.append(invalid_value("nodeAffinity", spec.get("nodeAffinity"), "field is immutable"))
    return errors


def validate_claim(obj: Object) -> Errors:
    return claim_spec("spec", obj.get("spec") or {})


def update_claim(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = validate_claim(new)
    munged, was = _munged_claims(spec, before, (new.get("status") or {}).get("phase") == "Bound")
    if munged != was:
        difference = go_diff("PersistentVolumeClaimSpec", was, munged)
        errors.append(forbidden_field("spec", f"{_CLAIM_FIXED}\n{difference}"))
    errors += _shrunk(spec, before, old)
    if spec.get("volumeMode") != before.get("volumeMode"):
        errors.append(invalid_value("volumeMode", spec.get("volumeMode"), "field is immutable"))
    return errors + _attributes_update(spec.get("volumeAttributesClassName"), before.get("volumeAttributesClassName"))


def _shrunk(spec: Spec, before: Spec, old: Object) -> Errors:
    """A claim may shrink back after an expansion that failed, never below what it has."""
    size, previous = parse(_requested(spec) or "0"), parse(_requested(before) or "0")
    capacity = parse(((old.get("status") or {}).get("capacity") or {}).get("storage") or "0")
    if size >= previous or size > capacity:
        return []
    return [forbidden_field("spec.resources.requests.storage", "field can not be less than status.capacity")]


def _attributes_update(new: str | None, old: str | None) -> Errors:
    path = "spec.volumeAttributesClassName"
    if old is None or new == old:
        return []
    if new is None:
        return [forbidden_field(path, "update from non-nil value to nil is forbidden")]
    return [] if new else [forbidden_field(path, "update from non-nil value to an empty string is forbidden")]


def _requested(spec: Spec) -> Any:
    return ((spec.get("resources") or {}).get("requests") or {}).get("storage")


def _munged_claims(spec: Spec, before: Spec, bound: bool) -> tuple[Spec, Spec]:
    """Return both specs with what may change put back: the volume's name once, the size when bound."""
    munged, was = dict(spec), dict(before)
    if not before.get("volumeName") and spec.get("volumeName"):
        was["volumeName"] = spec["volumeName"]
    if before.get("storageClassName") is None and spec.get("storageClassName"):
        munged.pop("storageClassName")
    requests = (spec.get("resources") or {}).get("requests")
    if bound and requests is not None:
        munged["resources"] = {**spec["resources"], "requests": {**requests, "storage": _requested(before)}}
    munged.pop("volumeAttributesClassName", None)
    was.pop("volumeAttributesClassName", None)
    return munged, was


def class_warnings(new: Object, old: Object | None) -> list[str]:
    """Return the warning about the annotation that named the class before there was a field."""
    if _OLD_CLASS not in (meta(new).get("annotations") or {}):
        return []
    return [f'metadata.annotations[{_OLD_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead']


def volume_warnings(new: Object, old: Object | None) -> list[str]:
    found = class_warnings(new, old)
    spec = new.get("spec") or {}
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        found.append(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. "
            "Instead, the recommended approach is to use dynamic provisioning."
        )
    deprecated = {
        "cephfs": "deprecated in v1.28, non-functional in v1.31+",
        "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
        "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
        "storageos": "deprecated in v1.22, non-functional in v1.25+",
        "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
        "rbd": "deprecated in v1.28, non-functional in v1.31+",
        "flocker": "deprecated in v1.22, non-functional in v1.25+",
        "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    }
    return found + [f"spec.{field}: {text}" for field, text in deprecated.items() if spec.get(field) is not None]
