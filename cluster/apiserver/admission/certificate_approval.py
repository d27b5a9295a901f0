"""CertificateApproval: who approves or denies a request must be allowed to for its signer."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.signers import REQUESTS, may
from cluster.apiserver.attributes import UPDATE, Attributes


class CertificateApproval(Plugin):
    name = "CertificateApproval"
    operations = (UPDATE,)
    resources = frozenset({REQUESTS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource != "approval" or attributes.old is None:
            return
        signer = attributes.old["spec"].get("signerName", "")
        if not may(attributes, "approve", signer):
            raise attributes.forbid(f'user not permitted to approve requests with signerName "{signer}"')
