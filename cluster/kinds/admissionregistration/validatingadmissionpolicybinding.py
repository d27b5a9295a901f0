"""Where a ValidatingAdmissionPolicy applies, and what it does when it fails."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingAdmissionPolicyBinding",
    plural="validatingadmissionpolicybindings",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
)
