"""A room of names. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource, status_subresource

KIND = Kind(
    group="",
    version="v1",
    kind="Namespace",
    plural="namespaces",
    namespaced=False,
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("finalize", "Namespace", ("update",)),
        status_subresource("Namespace"),
    ),
    has_status=True,
    name_rule="label",
)
