"""CertificateSubjectRestriction: no client certificate makes its holder a member of system:masters."""

from __future__ import annotations

import base64
import binascii

from cryptography import x509
from cryptography.x509.oid import NameOID

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.signers import REQUESTS
from cluster.apiserver.attributes import CREATE, Attributes

_SIGNER, _GROUP = "kubernetes.io/kube-apiserver-client", "system:masters"


class CertificateSubjectRestriction(Plugin):
    name = "CertificateSubjectRestriction"
    operations = (CREATE,)
    resources = frozenset({REQUESTS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        spec = attributes.object["spec"]
        if not attributes.subresource and spec.get("signerName") == _SIGNER and _GROUP in _groups(spec["request"]):
            raise attributes.forbid(f"use of {_SIGNER} signer with {_GROUP} group is not allowed")


def _groups(request: str) -> list[str]:
    """Return the organisations a request's subject names; none of what is no request (validation says so)."""
    try:
        subject = x509.load_pem_x509_csr(base64.b64decode(request)).subject
    except (ValueError, binascii.Error):
        return []
    return [str(one.value) for one in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
