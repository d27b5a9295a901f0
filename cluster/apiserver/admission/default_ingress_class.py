"""DefaultIngressClass: an Ingress that names no class gets the default one, if there is exactly one."""

from __future__ import annotations

from cluster.apiserver.admission.plugin import Plugin
from cluster.apiserver.attributes import CREATE, Attributes

_MARK = "ingressclass.kubernetes.io/is-default-class"
_OLD_CLASS = "kubernetes.io/ingress.class"


class DefaultIngressClass(Plugin):
    name = "DefaultIngressClass"
    operations = (CREATE,)
    resources = frozenset({"ingresses.networking.k8s.io"})
    mutates = True

    def admit(self, attributes: Attributes) -> None:
        draft = attributes.object
        annotations = draft["metadata"].get("annotations") or {}
        spec = draft.setdefault("spec", {})
        if spec.get("ingressClassName") is not None or _OLD_CLASS in annotations:
            return
        defaults = [
            one["metadata"]["name"]
            for one in attributes.server.store.list("ingressclasses.networking.k8s.io")
            if (one["metadata"].get("annotations") or {}).get(_MARK) == "true"
        ]
        if defaults:
            spec["ingressClassName"] = sorted(defaults)[0]
