"""Changes to incoming objects, written in CEL."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="MutatingAdmissionPolicy",
    plural="mutatingadmissionpolicies",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
)
