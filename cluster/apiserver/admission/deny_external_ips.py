"""DenyServiceExternalIPs: no Service may begin to use an external address, which could take others' traffic."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.meta import Object


class DenyServiceExternalIPs(Plugin):
    name = "DenyServiceExternalIPs"
    operations = (CREATE, UPDATE)
    resources = frozenset({"services"})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if not attributes.subresource and not _addresses(attributes.object) <= _addresses(attributes.old or {}):
            raise attributes.forbid("Use of external IPs is denied by admission control")


def _addresses(service: Object) -> frozenset[str]:
    return frozenset((service.get("spec") or {}).get("externalIPs") or ())
