"""AlwaysPullImages: every image is pulled at every start, so that a node's copy cannot be used without credentials."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, UPDATE, Attributes
from cluster.machinery.meta import Object

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


class AlwaysPullImages(Plugin):
    name = "AlwaysPullImages"
    operations = (CREATE, UPDATE)
    resources = frozenset({"pods"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        if attributes.subresource not in ("", "ephemeralcontainers"):
            return
        old = _images(attributes.old) if attributes.old is not None else frozenset()
        if attributes.old is not None and _images(attributes.object) <= old:
            return
        spec = attributes.object["spec"]
        for field in _CONTAINERS:
            for container in spec.get(field) or ():
                container["imagePullPolicy"] = "Always"
        for volume in spec.get("volumes") or ():
            if volume.get("image"):
                volume["image"]["pullPolicy"] = "Always"


def _images(pod: Object) -> frozenset[str]:
    return frozenset(one.get("image", "") for field in _CONTAINERS for one in pod["spec"].get(field) or ())
