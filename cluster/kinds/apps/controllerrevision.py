"""One frozen state of a StatefulSet's or DaemonSet's template."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="apps",
    version="v1",
    kind="ControllerRevision",
    plural="controllerrevisions",
    namespaced=True,
)
