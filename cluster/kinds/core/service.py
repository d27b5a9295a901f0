"""A stable name and address for a set of pods. https://kubernetes.io/docs/concepts/services-networking/service/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    namespaced=True,
    short_names=("svc",),
    categories=("all",),
    subresources=(
        Subresource("proxy", "ServiceProxyOptions", ("create", "delete", "get", "patch", "update")),
        status_subresource("Service"),
    ),
    has_status=True,
    name_rule="label",
)
