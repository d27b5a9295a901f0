"""Plain configuration data for pods to mount or read. https://kubernetes.io/docs/concepts/configuration/configmap/"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cluster.kinds.core.datarules import update_config_map, validate_config_map
from cluster.kinds.kind import Column, Kind
from cluster.kinds.printing import AGE, NAME, age
from cluster.machinery.meta import Object, name


def row(obj: Object, now: float) -> Sequence[Any]:
    return name(obj), len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), age(obj, now)


KIND = Kind(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    namespaced=True,
    short_names=("cm",),
    columns=(NAME, Column("Data", about="data"), AGE),
    row=row,
    metadata_checks=2,
    validate=validate_config_map,
    validate_update=update_config_map,
)
