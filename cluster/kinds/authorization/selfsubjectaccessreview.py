"""May I do this? Answered, never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="authorization.k8s.io",
    version="v1",
    kind="SelfSubjectAccessReview",
    plural="selfsubjectaccessreviews",
    namespaced=False,
    verbs=("create",),
    stored=False,
)
