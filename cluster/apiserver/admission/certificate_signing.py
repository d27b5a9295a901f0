"""CertificateSigning: who writes a certificate into a request must be allowed to sign for its signer."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.admission.signers import REQUESTS, may
from cluster.apiserver.attributes import UPDATE, Attributes


class CertificateSigning(Plugin):
    name = "CertificateSigning"
    operations = (UPDATE,)
    resources = frozenset({REQUESTS})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource != "status" or attributes.old is None:
            return
        new, old = attributes.object.get("status") or {}, attributes.old.get("status") or {}
        if all(new.get(field) == old.get(field) for field in ("certificate", "conditions")):
            return
        signer = attributes.old["spec"].get("signerName", "")
        if not may(attributes, "sign", signer):
            raise attributes.forbid(f'user not permitted to sign requests with signerName "{signer}"')
