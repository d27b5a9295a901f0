"""Who serves one API group version: this server, or one behind a Service."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="apiregistration.k8s.io",
    version="v1",
    kind="APIService",
    plural="apiservices",
    namespaced=False,
    categories=("api-extensions",),
    subresources=(status_subresource("APIService"),),
    has_status=True,
    name_rule="path",
)
