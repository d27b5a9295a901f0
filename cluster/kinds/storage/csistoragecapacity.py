"""How much room a storage driver has, by topology."""

from __future__ import annotations

from cluster.kinds.kind import Kind
from cluster.kinds.printing import CREATED_AT, NAME, name_and_creation

KIND = Kind(
    group="storage.k8s.io",
    version="v1",
    kind="CSIStorageCapacity",
    plural="csistoragecapacities",
    namespaced=True,
    columns=(NAME, CREATED_AT),
    row=name_and_creation,
)
