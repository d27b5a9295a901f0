"""A request for a certificate. https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/"""

from __future__ import annotations

from cluster.kinds.kind import Kind, Subresource, status_subresource

KIND = Kind(
    group="certificates.k8s.io",
    version="v1",
    kind="CertificateSigningRequest",
    plural="certificatesigningrequests",
    namespaced=False,
    short_names=("csr",),
    subresources=(
        Subresource("approval", "CertificateSigningRequest", ("get", "patch", "update")),
        status_subresource("CertificateSigningRequest"),
    ),
    has_status=True,
    name_rule="path",
)
