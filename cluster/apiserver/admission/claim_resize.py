"""PersistentVolumeClaimResize: only a bound claim whose class allows expansion may grow."""

from __future__ import annotations

from typing import Any

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import UPDATE, Attributes
from cluster.machinery import quantity


class PersistentVolumeClaimResize(Plugin):
    name = "PersistentVolumeClaimResize"
    operations = (UPDATE,)
    resources = frozenset({"persistentvolumeclaims"})
    judges = True

    def judge(self, attributes: Attributes) -> None:
        if attributes.subresource or attributes.old is None:
            return
        new, old = attributes.object, attributes.old
        if _size(new) <= _size(old) or not old["spec"].get("volumeName"):
            return
        if (old.get("status") or {}).get("phase") != "Bound":
            raise attributes.forbid("Only bound persistent volume claims can be expanded")
        name = new["spec"].get("storageClassName") or ""
        found = attributes.server.store.get("storageclasses.storage.k8s.io", "", name) if name else None
        if found is None or not found.get("allowVolumeExpansion"):
            raise attributes.forbid(
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                "support resize"
            )


def _size(claim: dict[str, Any]) -> quantity.Quantity:
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return quantity.parse(requests.get("storage", "0"))
