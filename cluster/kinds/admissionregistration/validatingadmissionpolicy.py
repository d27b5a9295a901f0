"""Rules on incoming objects, written in CEL."""

from __future__ import annotations

from cluster.kinds.kind import Kind, status_subresource

KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingAdmissionPolicy",
    plural="validatingadmissionpolicies",
    namespaced=False,
    categories=("api-extensions",),
    subresources=(status_subresource("ValidatingAdmissionPolicy"),),
    has_status=True,
    has_generation=True,
)
