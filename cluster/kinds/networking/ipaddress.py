"""One cluster IP and the Service that holds it."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="networking.k8s.io",
    version="v1",
    kind="IPAddress",
    plural="ipaddresses",
    namespaced=False,
    short_names=("ip",),
)
