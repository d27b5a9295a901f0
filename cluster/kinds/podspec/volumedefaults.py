"""Defaults of volumes (`SetDefaults_Volume` and those of each source)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cluster.kinds.podspec.images import default_pull_policy

_MODE = 0o644
_TOKEN_SECONDS = 3600

Source = dict[str, Any]


def _mode(source: Source) -> None:
    if source.get("defaultMode") is None:
        source["defaultMode"] = _MODE


def _field_items(source: Source) -> None:
    for item in source.get("items") or ():
        reference = item.get("fieldRef")
        if reference is not None and not reference.get("apiVersion"):
            reference["apiVersion"] = "v1"
        amount = item.get("resourceFieldRef")
        if amount is not None and not amount.get("divisor"):
            amount["divisor"] = "0"


def _downward(source: Source) -> None:
    _mode(source)
    _field_items(source)


def _projected(source: Source) -> None:
    _mode(source)
    for one in source.get("sources") or ():
        _field_items(one.get("downwardAPI") or {})
        token = one.get("serviceAccountToken")
        if token is not None and token.get("expirationSeconds") is None:
            token["expirationSeconds"] = _TOKEN_SECONDS


def _filled(**usual: Any) -> Callable[[Source], None]:
    def fill(source: Source) -> None:
        for field, value in usual.items():
            if source.get(field) is None or source[field] == "":
                source[field] = value

    return fill


def _host_path(source: Source) -> None:
    if source.get("type") is None:
        source["type"] = ""


def default_claim_spec(spec: dict[str, Any]) -> None:
    """Fill in a PersistentVolumeClaim's spec, stored alone or inside a template."""
    if spec.get("volumeMode") is None:
        spec["volumeMode"] = "Filesystem"
    spec.setdefault("resources", {})


def _ephemeral(source: Source) -> None:
    template = source.get("volumeClaimTemplate")
    if template is not None:
        template.setdefault("metadata", {})
        default_claim_spec(template.setdefault("spec", {}))


def _image(source: Source) -> None:
    if not source.get("pullPolicy"):
        source["pullPolicy"] = default_pull_policy(source.get("reference") or "")


SOURCES: Mapping[str, Callable[[Source], None]] = {
    "configMap": _mode,
    "secret": _mode,
    "downwardAPI": _downward,
    "projected": _projected,
    "hostPath": _host_path,
    "ephemeral": _ephemeral,
    "image": _image,
    "iscsi": _filled(iscsiInterface="default"),
    "rbd": _filled(pool="rbd", user="admin", keyring="/etc/ceph/keyring"),
    "azureDisk": _filled(cachingMode="ReadWrite", kind="Shared", fsType="ext4", readOnly=False),
    "scaleIO": _filled(storageMode="ThinProvisioned", fsType="xfs"),
}


def default_source(volume: dict[str, Any]) -> None:
    """Fill in the one source a Volume or a PersistentVolume's spec has."""
    for field, fill in SOURCES.items():
        source = volume.get(field)
        if source is not None:
            fill(source)


def default_volume(volume: dict[str, Any]) -> None:
    """Fill in a pod's volume; one that names no source is an emptyDir."""
    if not any(field != "name" and value is not None for field, value in volume.items()):
        volume["emptyDir"] = {}
    default_source(volume)
