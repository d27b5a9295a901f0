"""DefaultStorageClass: a claim that names no class gets the default one, the newest where there are several."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_MARKS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"


class DefaultStorageClass(Plugin):
    name = "DefaultStorageClass"
    operations = (CREATE,)
    resources = frozenset({"persistentvolumeclaims"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        draft = attributes.object
        annotations = draft["metadata"].get("annotations") or {}
        if draft["spec"].get("storageClassName") is not None or _OLD_CLASS in annotations:
            return
        defaults = [
            one
            for one in attributes.server.store.list("storageclasses.storage.k8s.io")
            if any((one["metadata"].get("annotations") or {}).get(mark) == "true" for mark in _MARKS)
        ]
        if defaults:
            chosen = sorted(defaults, key=lambda one: one["metadata"]["name"])
            newest = max(chosen, key=lambda one: one["metadata"]["creationTimestamp"])
            draft["spec"]["storageClassName"] = newest["metadata"]["name"]
