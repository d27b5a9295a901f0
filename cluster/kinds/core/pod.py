"""A group of containers on one node. https://kubernetes.io/docs/concepts/workloads/pods/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="Pod",
    plural="pods",
    namespaced=True,
    short_names=("po",),
    categories=("all",),
    subresources=(
        Subresource("attach", "PodAttachOptions", ("create", "get")),
        Subresource("binding", "Binding", ("create",)),
        Subresource("ephemeralcontainers", "Pod", ("get", "patch", "update")),
        Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
        Subresource("exec", "PodExecOptions", ("create", "get")),
        Subresource("log", "Pod", ("get",)),
        Subresource("portforward", "PodPortForwardOptions", ("create", "get")),
        Subresource("proxy", "PodProxyOptions", ("create", "delete", "get", "patch", "update")),
        Subresource("resize", "Pod", ("get", "patch", "update")),
        status_subresource("Pod"),
    ),
    has_status=True,
    has_generation=True,
    graceful_delete=True,
)
