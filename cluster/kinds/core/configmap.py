"""Plain configuration data for pods to mount or read. https://kubernetes.io/docs/concepts/configuration/configmap/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    namespaced=True,
    short_names=("cm",),
)
