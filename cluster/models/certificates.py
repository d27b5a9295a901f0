"""Rows of certificates.k8s.io."""

from __future__ import annotations

from cluster.models.base import KubeObject, at, short


class CertificateSigningRequest(KubeObject):
    RESOURCE = "certificatesigningrequests.certificates.k8s.io"
    TYPED = {"signer": at("spec", "signerName")}

    signer = short()
