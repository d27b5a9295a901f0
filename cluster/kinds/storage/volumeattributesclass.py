"""Mutable parameters of volumes, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age, name_or_default
from cluster.machinery.meta import Object


def row(obj: Object, now: float) -> Sequence[Any]:
    shown = name_or_default(obj, "volumeattributesclass.alpha.kubernetes.io/is-default-class")
    return shown, obj.get("driverName") or "", age(obj, now)


KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="VolumeAttributesClass",
    plural="volumeattributesclasses",
    namespaced=False,
    short_names=("vac",),
    columns=(NAME, Column("DriverName", about="driverName"), AGE),
    row=row,
)
