"""What signs a lab's service-account tokens: what nobody can know who only knows its seed."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from cluster.apiserver.authn.tokens import TokenIssuer
from cluster.machinery.ids import Ids
from cluster.runtime.authority import account_tokens
from cluster.runtime.settings import LabSettings


def issuer(lab: LabSettings, slug: str, token: str) -> TokenIssuer:
    """Return the issuer that every process of this installation has for a lab.

    A sealed lab's key lies on its control-plane machine; where others may know it, it is one of the installation's.
    """
    if lab.sealed:
        return account_tokens(Ids(lab.seed), lab.keyring)
    words = f"service-account-key:{slug}:{token}".encode()
    return TokenIssuer(hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).digest())
