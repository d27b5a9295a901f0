"""Who asks for a certificate is written into the request, whatever its body says.

A real server does this in the kind's own strategy, which here does not know the user.
https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/
"""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_ABOUT = ("username", "uid", "groups", "extra")


class CertificateRequester(Plugin):
    name = "CertificateRequester"
    operations = (CREATE,)
    resources = frozenset({"certificatesigningrequests.certificates.k8s.io"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        user = attributes.request.user
        extra = {key: list(values) for key, values in user.extra.items()}
        known: dict[str, Any] = dict(zip(_ABOUT, (user.name, user.uid, list(user.groups), extra), strict=True))
        spec = {key: value for key, value in attributes.object["spec"].items() if key not in _ABOUT}
        attributes.object["spec"] = {**spec, **{key: value for key, value in known.items() if value}}
