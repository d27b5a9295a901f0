"""A Binding: the scheduler's answer, "this pod to that node". Posted to `pods/binding`, never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="",
    version="v1",
    kind="Binding",
    plural="bindings",
    namespaced=True,
    verbs=("create",),
    stored=False,
)
