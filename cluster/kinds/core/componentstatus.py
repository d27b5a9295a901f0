"""The health of scheduler, controller manager and etcd; deprecated, computed when asked and never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="ComponentStatus",
    plural="componentstatuses",
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    stored=False,
)
