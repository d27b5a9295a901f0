"""AlwaysAdmit: deprecated, and without any effect. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/"""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin


class AlwaysAdmit(Plugin):
    name = "AlwaysAdmit"
    mutates = True
