"""The addresses behind a Service, all in one object; deprecated in favour of EndpointSlice."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="Endpoints",
    plural="endpoints",
    namespaced=True,
    short_names=("ep",),
)
