"""Rows of admissionregistration.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject


class MutatingAdmissionPolicy(KubeObject):
    RESOURCE = "mutatingadmissionpolicies.admissionregistration.k8s.io"


class MutatingAdmissionPolicyBinding(KubeObject):
    RESOURCE = "mutatingadmissionpolicybindings.admissionregistration.k8s.io"


class MutatingWebhookConfiguration(KubeObject):
    RESOURCE = "mutatingwebhookconfigurations.admissionregistration.k8s.io"


class ValidatingAdmissionPolicy(KubeObject):
    RESOURCE = "validatingadmissionpolicies.admissionregistration.k8s.io"


class ValidatingAdmissionPolicyBinding(KubeObject):
    RESOURCE = "validatingadmissionpolicybindings.admissionregistration.k8s.io"


class ValidatingWebhookConfiguration(KubeObject):
    RESOURCE = "validatingwebhookconfigurations.admissionregistration.k8s.io"
