"""A container runtime by name. https://kubernetes.io/docs/concepts/containers/runtime-class/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="node.k8s.io",
    version="v1",
    kind="RuntimeClass",
    plural="runtimeclasses",
    namespaced=False,
)
