"""A pod template stored on its own; few use it."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="PodTemplate",
    plural="podtemplates",
    namespaced=True,
    has_generation=True,
)
