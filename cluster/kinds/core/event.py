"""A note of one component about one object. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/"""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="Event",
    plural="events",
    namespaced=True,
    short_names=("ev",),
    name_rule="path",
)
