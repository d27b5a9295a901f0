"""What signs a lab's service-account tokens: a secret of the installation and of the lab, not of its seed."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from cluster.apiserver.authn.tokens import TokenIssuer


def issuer(slug: str, token: str) -> TokenIssuer:
    """Return the issuer that every process of this installation has for a lab."""
    words = f"service-account-key:{slug}:{token}".encode()
    return TokenIssuer(hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).digest())
