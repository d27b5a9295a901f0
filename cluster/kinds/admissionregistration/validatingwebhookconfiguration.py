"""Webhooks that may refuse incoming objects."""

from __future__ import annotations

from cluster.kinds.kind import Kind

KIND = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingWebhookConfiguration",
    plural="validatingwebhookconfigurations",
    namespaced=False,
    categories=("api-extensions",),
    has_generation=True,
)
