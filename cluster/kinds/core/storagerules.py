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
    affinity = (spec.get("nodeAffinity") or {}).get("required")
    if affinity is not None:
        errors += node_selector("spec.nodeAffinity.required", affinity)
    elif spec.get("local") is not None:
        errors.append(required("spec.nodeAffinity", "Local volume requires node affinity"))
    errors += source_errors("spec", spec, _SOURCES)
    return errors + _volume_rest(spec)


def _capacity(capacity: Spec | None) -> Errors:
    errors: Errors = [] if capacity else [required("spec.capacity")]
    if not capacity or "storage" not in capacity or len(capacity) > 1:
        return [*errors, unsupported("spec.capacity", capacity, ("storage",))]
    amount = parse(capacity["storage"])
    if amount.nanos <= 0:
        errors.append(invalid_value("spec.capacity[storage]", str(amount), "must be greater than zero"))
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
    return errors + one_of("spec.volumeMode", spec.get("volumeMode") or "Filesystem", ("Block", "Filesystem"))


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
        errors.append(invalid_value("spec.volumeMode", spec.get("volumeMode"), "field is immutable"))
    return errors


def validate_claim(obj: Object) -> Errors:
    return claim_spec("spec", obj.get("spec") or {})


def update_claim(new: Object, old: Object) -> Errors:
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    errors = validate_claim(new)
    munged = _munged_claim(spec, before, (old.get("status") or {}).get("phase") == "Bound")
    if munged != before:
        difference = go_diff("PersistentVolumeClaimSpec", before, munged)
        errors.append(forbidden_field("spec", f"{_CLAIM_FIXED}\n{difference}"))
        return errors
    size, previous = _requested(spec), _requested(before)
    if size and previous and parse(size) < parse(previous):
        text = "field can not be less than status.capacity"
        capacity = ((old.get("status") or {}).get("capacity") or {}).get("storage", "0")
        if parse(size) <= parse(capacity):
            errors.append(forbidden_field("spec.resources.requests.storage", text))
    return errors


def _requested(spec: Spec) -> Any:
    return ((spec.get("resources") or {}).get("requests") or {}).get("storage")


def _munged_claim(spec: Spec, before: Spec, bound: bool) -> Spec:
    """Return the new spec with what may change put back: the volume's name once, the size when bound."""
    munged = dict(spec)
    if not before.get("volumeName") and spec.get("volumeName"):
        munged.pop("volumeName")
    if before.get("storageClassName") is None and spec.get("storageClassName"):
        munged.pop("storageClassName")
    if bound:
        munged["resources"] = {**(spec.get("resources") or {}), "requests": (before["resources"]).get("requests")}
        munged["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
        if munged["volumeAttributesClassName"] is None:
            del munged["volumeAttributesClassName"]
    return munged


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
