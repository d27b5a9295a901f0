"""Where a MutatingAdmissionPolicy applies, and with which parameters."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="MutatingAdmissionPolicyBinding",
    plural="mutatingadmissionpolicybindings",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
)
