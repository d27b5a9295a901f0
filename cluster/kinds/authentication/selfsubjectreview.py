"""Who am I? Answered, never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="authentication.k8s.io",
    version="v1",
    kind="SelfSubjectReview",
    plural="selfsubjectreviews",
    namespaced=False,
    verbs=("create",),
    stored=False,
)
