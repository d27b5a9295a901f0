"""What may I do in this namespace? Answered, never stored."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="authorization.k8s.io",
    version="v1",
    kind="SelfSubjectRulesReview",
    plural="selfsubjectrulesreviews",
    namespaced=False,
    verbs=("create",),
    stored=False,
)
