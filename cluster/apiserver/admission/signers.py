"""Who may act for a signer of certificates: by its name, or by all names of its domain.

https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#authorization
"""

from __future__ import annotations

from cluster.apiserver.attributes import Attributes
from cluster.apiserver.authz.rules import Asked

_GROUP = "certificates.k8s.io"
REQUESTS = f"certificatesigningrequests.{_GROUP}"


def may(attributes: Attributes, verb: str, signer: str) -> bool:
    """Say whether the asking user holds `verb` on the signer."""
    authorizer, user = attributes.server.authorizer, attributes.request.user
    names = (signer, f"{signer.partition('/')[0]}/*")
    return any(authorizer.decide(user, Asked(verb, _GROUP, "signers", "", name))[0] for name in names)
