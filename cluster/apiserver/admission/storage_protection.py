"""StorageObjectInUseProtection: claims and volumes get the finalizer that keeps them while they are used."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_FINALIZERS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
    "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
}


class StorageObjectInUseProtection(Plugin):
    name = "StorageObjectInUseProtection"
    operations = (CREATE,)
    resources = frozenset(_FINALIZERS)
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        metadata = attributes.object["metadata"]
        wanted = _FINALIZERS[attributes.kind.resource]
        finalizers = metadata.get("finalizers") or []
        if wanted not in finalizers:
            metadata["finalizers"] = [*finalizers, wanted]
