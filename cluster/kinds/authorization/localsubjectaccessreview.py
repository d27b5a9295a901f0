"""May that user do this in this namespace? Answered, never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="authorization.k8s.io",
    version="v1",
    kind="LocalSubjectAccessReview",
    plural="localsubjectaccessreviews",
    namespaced=True,
    verbs=("create",),
    stored=False,
)
