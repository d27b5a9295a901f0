"""Mutable parameters of volumes, by name."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttributesClass",
    plural="volumeattributesclasses",
    namespaced=False,
    short_names=("vac",),
)
